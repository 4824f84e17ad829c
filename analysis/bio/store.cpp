#include "bio/store.h"

#include <cstring>
#include <fstream>
#include <iterator>

#include "crypto/sha256.h"
#include "tools/options.h"

namespace touchstone::bio {
namespace {

constexpr std::size_t kDigestBytes = 32;

Bytes as_bytes(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

}  // namespace

std::string digest_of(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t b : crypto::sha256(as_bytes(text))) {
    out += kDigits[b >> 4];
    out += kDigits[b & 15];
  }
  return out;
}

std::filesystem::path Store::path(const std::string& key) const { return folder_ / (digest_of(key).substr(0, 32) + ".numbers"); }

std::optional<std::vector<float>> Store::load(const std::string& key) const {
  if (!keeps()) return std::nullopt;
  std::ifstream file(path(key), std::ios::binary);
  if (!file) return std::nullopt;
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::string head = key + "\n";
  if (!bytes.starts_with(head) || bytes.size() < head.size() + kDigestBytes) return std::nullopt;
  const std::size_t body = bytes.size() - head.size() - kDigestBytes;
  const auto digest = crypto::sha256(as_bytes(std::string_view(bytes).substr(0, head.size() + body)));
  if (body % sizeof(float) != 0 || std::memcmp(digest.data(), bytes.data() + head.size() + body, kDigestBytes) != 0) return std::nullopt;
  std::vector<float> out(body / sizeof(float));
  if (body > 0) std::memcpy(out.data(), bytes.data() + head.size(), body);
  return out;
}

void Store::save(const std::string& key, const std::vector<float>& numbers) const {
  if (!keeps()) return;
  std::string bytes = key + "\n";
  if (!numbers.empty()) bytes.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float));
  const auto digest = crypto::sha256(as_bytes(bytes));
  bytes.append(reinterpret_cast<const char*>(digest.data()), digest.size());
  tools::write_file(path(key), bytes);
}

}  // namespace touchstone::bio
