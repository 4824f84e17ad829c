// touchstone-wallet simulate: an Agent in lockstep with a simulation, over the socket given as standard input.
#pragma once

#include <string>

namespace touchstone::wallet {

/// Answers inputs until the simulation closes the socket. Returns why it had to stop, empty where nothing was wrong.
std::string simulate();

}  // namespace touchstone::wallet
