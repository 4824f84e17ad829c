// Strict reading of touchstone-bio's answer. No JSON library: those copy the vector to places that nobody wipes.
#include <optional>
#include <string_view>

#include "wallet/encoding.h"
#include "wallet_face/bio_program.h"

namespace touchstone::wallet {
namespace {

constexpr Error kNotAnAnswer{ErrorCode::kBadFormat, "no answer of `face code`"};

class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool take(char wanted) {
    skip_blanks();
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// A string of printable ASCII without escapes.
  std::optional<std::string_view> text() {
    if (!take('"')) return std::nullopt;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      const char c = rest_[i];
      if (c < ' ' || c > '~' || c == '\\') return std::nullopt;
      if (c != '"') continue;
      const std::string_view out = rest_.substr(0, i);
      rest_.remove_prefix(i + 1);
      return out;
    }
    return std::nullopt;
  }
  std::optional<std::size_t> number() {
    skip_blanks();
    std::size_t out = 0, digits = 0;
    while (digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9' && digits < 5) out = out * 10 + static_cast<std::size_t>(rest_[digits++] - '0');
    if (digits == 0 || digits == 5 || (digits > 1 && rest_.front() == '0')) return std::nullopt;
    rest_.remove_prefix(digits);
    return out;
  }
  bool ended() const { return rest_.empty() || rest_ == "\n"; }

 private:
  void skip_blanks() {
    while (rest_.starts_with(' ')) rest_.remove_prefix(1);
  }
  std::string_view rest_;
};

/// The values as they stand, each key once.
struct Fields {
  std::optional<std::size_t> version, dimensions, pictures;
  std::optional<std::string_view> trait, embedder, head_sha256, vector;

  bool read(std::string_view key, Cursor& cursor) {
    const auto set = [](auto& field, auto value) {
      if (field || !value) return false;
      field = value;
      return true;
    };
    if (key == "version") return set(version, cursor.number());
    if (key == "dimensions") return set(dimensions, cursor.number());
    if (key == "pictures") return set(pictures, cursor.number());
    if (key == "trait") return set(trait, cursor.text());
    if (key == "embedder") return set(embedder, cursor.text());
    if (key == "head_sha256") return set(head_sha256, cursor.text());
    if (key == "vector") return set(vector, cursor.text());
    return false;
  }
  bool complete() const { return version && dimensions && pictures && trait && embedder && head_sha256 && vector; }
};

}  // namespace

Result<FaceCode> parse_face_answer(Bytes untrusted, std::size_t pictures) {
  Cursor cursor({reinterpret_cast<const char*>(untrusted.data()), untrusted.size()});
  Fields fields;
  if (!cursor.take('{')) return kNotAnAnswer;
  do {
    const auto key = cursor.text();
    if (!key || !cursor.take(':') || !fields.read(*key, cursor)) return kNotAnAnswer;
  } while (cursor.take(','));
  if (!cursor.take('}') || !cursor.ended() || !fields.complete()) return kNotAnAnswer;
  if (*fields.version != 1) return Error{ErrorCode::kUnsupported, "an answer of another version"};
  if (*fields.trait != "face") return Error{ErrorCode::kBadFormat, "an answer about another trait than the face"};
  if (*fields.pictures != pictures) return Error{ErrorCode::kBadFormat, "an answer about another number of pictures"};
  if (const auto code = biometrics::face_code(*fields.dimensions); !code) return code.error();
  FaceCode out;
  if (!from_hex(*fields.head_sha256, out.head_sha256)) return Error{ErrorCode::kBadFormat, "head_sha256 is not 64 hexadecimal digits"};
  out.vector.components.resize(*fields.dimensions);
  const MutableBytes components(reinterpret_cast<std::uint8_t*>(out.vector.components.data()), out.vector.components.size());
  if (!from_hex(*fields.vector, components)) return Error{ErrorCode::kBadFormat, "the vector is not two hexadecimal digits for each dimension"};
  return out;
}

}  // namespace touchstone::wallet
