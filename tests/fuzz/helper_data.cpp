// A record as it lies on a card or in a cloud, from anybody: what is taken is written again byte for byte, says the truth about its
// weakness, and a finger tried on it ends with no root.
#include <algorithm>
#include <cstdlib>

#include "codes/code_offset.h"

using namespace touchstone;
using namespace touchstone::codes;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto record = HelperData::parse(Bytes(data, size));
  if (!record) return 0;
  ByteArray<HelperData::kMaxBytes> buffer;
  const Bytes again = record->serialize(buffer);
  if (!std::equal(again.begin(), again.end(), data, data + size)) std::abort();
  if (record->weak != (record->bits_left_q8() < 0)) std::abort();

  alignas(4) static ByteArray<32 * 1024> work;
  static std::array<std::int8_t, 1024> values;
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int8_t>(data[i % size]);
  std::array<Vector, kMaxFingers> fingers;
  fingers.fill(Vector(values).first(record->dimensions));
  RegenerateOptions options;
  options.list_size = 2;
  Secret<32> root;
  root.expose()[0] = 1;
  const std::size_t needed = regenerate_work_bytes(record->code, record->dimensions, record->fingers, options.list_size);
  const auto opened = regenerate(std::span(fingers).first(record->fingers), *record, options, MutableBytes(work).first(needed), root);
  if (opened || opened.error().code != ErrorCode::kNoMatch || !equal_constant_time(root.expose(), ByteArray<32>{})) std::abort();
  return 0;
}
