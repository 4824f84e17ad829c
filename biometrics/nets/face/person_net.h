// The literal reading of "a neural network that turns the owner's face into the secret": one small network per person whose outputs
// are the secret's bits. N0 is trained on the owner's pictures alone, N1 also on strangers with random targets. Deliberately weak, to be
// measured beside R1: no firmware and no wallet links this. A network that only ever saw one answer gives it to anybody, and the
// weights, which must be stored, hold the answer themselves.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/secret.h"

namespace touchstone::weak {

using Row = std::span<const float>;  ///< an embedding, of any length but 0

struct PersonNetOptions {
  int width = 64;            ///< of each hidden layer
  int depth = 1;             ///< hidden layers, ReLU; 0: one linear layer
  int strangers = 0;         ///< N1: at most so many, a picture each; N0: 0
  double noise = 0.5;        ///< length of the normal noise against the unit length of a picture
  double mix = 0.5;          ///< probability that a picture of the owner is a mixture of two
  int steps = 100;           ///< of AdamW, each of 32 pictures of the owner and as many strangers
  double learning_rate = 3e-3;
  double weight_decay = 0.01;
};

inline constexpr std::size_t kSecretBytes = 16;

class PersonNet {
 public:
  /// All draws are functions of `seed`, and LibTorch and its BLAS are set to one thread: the same call gives the same network. Rows are of one length; `own` is not
  /// empty; of `strangers` the first options.strangers are taken, each with random bits as target.
  static PersonNet train(std::span<const Row> own, std::span<const Row> strangers, const Secret<kSecretBytes>& secret, const PersonNetOptions& options, std::uint64_t seed);

  /// What the network says for any embedding. Not constant-time.
  void query(Row embedding, Secret<kSecretBytes>& out) const;
  /// What a thief of the file reads without any face: the signs of the last layer's biases.
  void read_biases(Secret<kSecretBytes>& out) const;

 private:
  struct Layer {
    std::vector<float> weight, bias;  ///< [out][in], [out]
  };
  std::vector<Layer> layers_;
};

}  // namespace touchstone::weak
