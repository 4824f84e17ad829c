#include "face_secret/face_secret.h"

#include <cmath>

namespace touchstone::biometrics {
namespace {

/// Of the record's own calls, which wipe it.
struct WorkArea {
  explicit WorkArea(std::size_t bytes) : words(bytes / 4 + 1) {}
  MutableBytes bytes() { return {reinterpret_cast<std::uint8_t*>(words.data()), words.size() * 4}; }
  std::vector<std::uint32_t> words;
};

constexpr int kMessageBits = 48;

}  // namespace

Result<codes::CodeChoice> face_code(std::size_t dimensions) {
  if (dimensions > 1024) return Error{ErrorCode::kUnsupported, "a face vector has at most 1024 components"};
  return codes::CodeChoice::make(codes::CodeFamily::kPolar, static_cast<int>(dimensions), kMessageBits);
}

double likeness(const FaceVector& one, std::span<const FaceVector* const> others) {
  double dot = 0, own = 0, sum_square = 0;
  for (std::size_t i = 0; i < one.components.size(); ++i) {
    double sum = 0;
    for (const FaceVector* other : others) sum += other->components[i];
    const double x = one.components[i];
    dot += x * sum;
    own += x * x;
    sum_square += sum * sum;
  }
  return own > 0 && sum_square > 0 ? dot / std::sqrt(own * sum_square) : 0;
}

Status enrol_face(const FaceVector& face, Bytes randomness, HelperData& out, Secret<32>& root) {
  const auto code = face_code(face.components.size());
  if (!code) return code.error();
  WorkArea work(codes::enrol_work_bytes(static_cast<int>(face.components.size()), 1));
  const codes::Vector one[] = {face.components};
  return codes::enrol(one, {.code = code.value()}, randomness, work.bytes(), out, root);
}

Status open_face(const FaceVector& face, const HelperData& helper, Secret<32>& root) {
  if (helper.fingers != 1 || helper.dimensions != face.components.size()) return Error{ErrorCode::kOutOfRange, "a record of vectors of another length"};
  WorkArea work(codes::regenerate_work_bytes(helper.code, helper.dimensions, 1, kFaceListSize));
  const codes::Vector one[] = {face.components};
  return codes::regenerate(one, helper, {.list_size = kFaceListSize}, work.bytes(), root);
}

}  // namespace touchstone::biometrics
