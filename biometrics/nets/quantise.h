// From float weights to the eight-bit file that card and host compute with (biometrics::Network).
#pragma once

#include <string>

#include "nets/batch.h"
#include "nets/weights.h"

namespace touchstone::nets {

/// What the activations of the three convolutions and of the descriptor layer reach on these touches, but for a share of 1e-5: tensor
/// "activations" of a weights file. Throws BadInput where the batch is empty.
Tensor activation_levels(const Weights& weights, const Batch& touches);

/// Whether the card's network knows such sizes.
bool fits_card(const Architecture& architecture, std::uint32_t whitened);

/// Weights symmetric with a scale for each output, activations with a scale for each layer. Throws BadInput where tensors are
/// missing, have another shape, or hold numbers too large for the card's types.
std::string quantise(const Weights& weights);

}  // namespace touchstone::nets
