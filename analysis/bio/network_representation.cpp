#include "bio/network_representation.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

#include "bio/bad_input.h"
#include "crypto/sha256.h"
#include "embed/embedder.h"

namespace touchstone::bio {
namespace {

constexpr double kNetworkDpi = 500;
constexpr double kDpiTolerance = 0.04;  // the population's own spread of ridge periods is wider

std::string hexadecimal(Bytes bytes) {
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

std::string read_whole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw BadInput(path + ": cannot be read; --weights names an eight-bit weights file (touchstone bio train writes one, weights.tsq)");
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

NetworkFile::NetworkFile(const std::string& path) {
  const std::string content = read_whole(path);
  words_.resize((content.size() + 3) / 4);
  std::copy(content.begin(), content.end(), reinterpret_cast<char*>(words_.data()));
  const Bytes bytes(reinterpret_cast<const std::uint8_t*>(words_.data()), content.size());
  auto network = biometrics::Network::parse(bytes);
  if (!network.ok()) throw BadInput(path + ": " + network.error().what);
  network_ = network.value();
  digest_ = hexadecimal(crypto::sha256(bytes));
}

std::string NetworkEmbedding::digest() const { return "network " + file_->digest() + " / 1"; }

std::optional<Template> NetworkEmbedding::describe(const Print& print) const {
  GreyImage resampled;
  const GreyImage* image = &print.image;
  if (std::abs(print.dpi / kNetworkDpi - 1) > kDpiTolerance) {
    const double scale = kNetworkDpi / print.dpi;
    resampled = window(print, print.image.width_px / 2.0, print.image.height_px / 2.0, kNetworkDpi,
                       static_cast<int>(print.image.width_px * scale), static_cast<int>(print.image.height_px * scale));
    image = &resampled;
  }
  const double area = static_cast<double>(image->width_px) * image->height_px / (192.0 * 192.0);
  const int most = std::clamp(static_cast<int>(biometrics::kCardMinutiae * area), biometrics::kCardMinutiae, biometrics::PrintAnalysis::kMaxMinutiae);
  const std::size_t bytes = biometrics::embed_work_bytes(file_->network(), image->width_px, image->height_px);
  std::vector<std::uint64_t> work(bytes / 8 + 1);
  std::vector<std::int8_t> vector(dimensions());
  biometrics::Quality quality;
  const Status embedded = biometrics::embed(
      file_->network(), {image->pixels, static_cast<std::uint16_t>(image->width_px), static_cast<std::uint16_t>(image->height_px)}, most,
      MutableBytes(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 8), vector, quality);
  if (!embedded) return std::nullopt;
  return Template(vector.begin(), vector.end());
}

std::optional<Template> NetworkEmbedding::enrol(std::span<const Template> touches, std::size_t asked, SeedTree) const {
  return sum_of_touches(touches, asked, dimensions());
}

float NetworkEmbedding::score(const Template& enrolled, const Template& probe) const { return cosine(enrolled, probe); }

NetworkCode::NetworkCode(std::shared_ptr<const NetworkFile> file, codes::CodeChoice code)
    : NetworkEmbedding(file), code_(code), signs_(dimensions(), code.n) {
  for (const std::int8_t r : file->network().reliability()) reliability_.push_back(static_cast<float>(r) / 127);
}

std::string NetworkCode::digest() const {
  return NetworkEmbedding::digest() + " code " + std::to_string(code_.n) + " " + std::to_string(code_.k);
}

Template NetworkCode::weighed(const Template& probe) const {
  Template out = probe;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] *= reliability_[i];
  return out;
}

std::optional<Template> NetworkCode::enrol(std::span<const Template> touches, std::size_t asked, SeedTree record) const {
  const auto sum = sum_of_touches(touches, asked, dimensions());
  return sum ? std::optional(signs_.lock(*sum, record)) : std::nullopt;
}

float NetworkCode::score(const Template& enrolled, const Template& probe) const { return signs_.score(enrolled, weighed(probe)); }

std::optional<double> NetworkCode::bit_errors(const Template& enrolled, const Template& probe) const {
  return signs_.bit_errors(enrolled, weighed(probe));
}

}  // namespace touchstone::bio
