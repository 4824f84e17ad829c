// An experiment: everything that decides which weights a training ends with, except machine and thread count.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace touchstone::nets {

inline constexpr int kPatchSide = 32;
inline constexpr int kPatchSamples = kPatchSide * kPatchSide;
/// 1, cos t, sin t, cos 2t, sin 2t of a minutia's direction t.
inline constexpr int kBasis = 5;

/// Sizes of the network. Three convolutions halve the patch to 4 x 4, a linear layer makes the descriptor of it.
struct Architecture {
  std::array<int, 3> channels{8, 16, 32};
  int descriptor = 64;   ///< components that describe one minutia
  int dimensions = 256;  ///< of a touch's vector
  int flat() const { return channels[2] * 16; }
  int pooled() const { return descriptor * kBasis; }
  bool operator==(const Architecture&) const = default;
};

struct Experiment {
  struct Data {
    std::uint64_t seed = 1;
    int fingers = 0;      ///< made, of which the last ones are kept back:
    int impressions = 0;  ///< of each finger
    int statistics = 0;   ///< fingers for the population's statistics only
    int held_out = 0;     ///< fingers for the figures only
    /// Shares of the kinds of sensor, drawn anew for every touch: optical, press, capacitive, sweep, card.
    std::array<double, 5> kinds{};
    /// Of the size of training's and statistics' fingers, natural logarithm, either way: ridges finer and coarser than the population's.
    double scale = 0;
    int training() const { return fingers - statistics - held_out; }
  };
  struct Optimiser {
    int steps = 0;
    int fingers = 0;  ///< of a batch, two touches each
    double learning_rate = 0;
    double proxy_factor = 0;  ///< learning rate of the proxies against the network's
    double weight_decay = 0;
    double warm_up = 0;  ///< share of the steps in which the rate rises
  };
  struct Loss {
    double proxy = 0, proxy_scale = 0, proxy_margin = 0;
    double minutia = 0;
    int minutia_pairs = 0;  ///< at most, in a batch
    double set = 0;
    double covariance = 0;
  };
  struct Augmentation {
    double card_window = 0;     ///< probability that only the card's window is seen
    double card_shift_px = 0;   ///< its middle, from the minutiae's centroid, either way
    double drop = 0;            ///< probability that a minutia is missed
    int most_minutiae = 0;
    double mirror = 0;          ///< probability; a mirrored finger is another identity
    double scale = 0;           ///< of the finger, natural logarithm, either way
    double touch_scale = 0;     ///< of each touch beside it
    double turn_rad = 0, shift_samples = 0, patch_scale = 0;  ///< standard deviations, each patch
  };
  struct Whitening {
    int dimensions = 0;  ///< d'
    double shrinkage = 0;
  };
  struct Schedule {
    int log_every = 0, checkpoint_every = 0, evaluate_every = 0;  ///< steps
  };

  std::uint64_t seed = 1;
  Data data;
  Architecture architecture;
  Optimiser optimiser;
  Loss loss;
  Augmentation augmentation;
  Whitening whitening;
  Schedule schedule;

  std::string text;  ///< the settings in canonical JSON
  std::string hash;  ///< SHA-256 of `text`, hexadecimal

  /// Strict: every key once, no other, numbers in range. Throws BadInput with `name` and the key.
  static Experiment parse(std::string_view untrusted_json, const std::string& name);
  static Experiment read(const std::filesystem::path& file);
  /// These settings with some changed (RFC 7396), for a sweep.
  static Experiment changed(const Experiment& base, std::string_view untrusted_changes, const std::string& name);
};

}  // namespace touchstone::nets
