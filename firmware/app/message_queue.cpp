#include "app/message_queue.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace touchstone::firmware {

Status MessageQueue::put(Bytes message) {
  if (first_ == end_) clear();
  if (end_ + kHeadBytes + message.size() > place_.size()) {
    std::memmove(place_.data(), place_.data() + first_, end_ - first_);
    end_ -= first_;
    first_ = 0;
  }
  if (end_ + kHeadBytes + message.size() > place_.size()) return Error{ErrorCode::kTooLarge, "too many messages wait"};
  store_le16(place_.data() + end_, static_cast<std::uint16_t>(message.size()));
  std::copy(message.begin(), message.end(), place_.begin() + static_cast<std::ptrdiff_t>(end_ + kHeadBytes));
  end_ += kHeadBytes + message.size();
  return {};
}

Result<std::size_t> MessageQueue::take(MutableBytes out) {
  if (empty()) return Error{ErrorCode::kState, "no message waits"};
  const std::size_t size = load_le16(place_.data() + first_);
  TS_CHECK(first_ + kHeadBytes + size <= end_, "the queue is whole");
  if (size > out.size()) return Error{ErrorCode::kTooLarge, "a message of the queue"};
  std::copy_n(place_.begin() + static_cast<std::ptrdiff_t>(first_ + kHeadBytes), size, out.begin());
  first_ += kHeadBytes + size;
  return size;
}

}  // namespace touchstone::firmware
