// The command line of a verb: options, and arguments without a name.
#pragma once

#include <boost/program_options.hpp>
#include <string>
#include <utility>
#include <vector>

namespace touchstone::sim {

/// An argument known by its place: what messages call it, and where it goes.
using Positional = std::pair<const char*, std::string*>;

/// Parses into `vm` and the variables bound to the options; the positional arguments in their order, each at most once, all
/// optional. False where --help was asked for: `visible` has been printed. Throws boost::program_options::error.
bool parse_verb(const std::vector<std::string>& arguments, const boost::program_options::options_description& visible, const std::vector<Positional>& positional,
                boost::program_options::variables_map& vm);

}  // namespace touchstone::sim
