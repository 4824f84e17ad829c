// Updating: the owner agrees to a new firmware, then its pieces go to the staging slot; the boot ROM judges them.
#include "app/card_app.h"

namespace touchstone::firmware {

using UpdateState = contract::UpdateStatus::State;

void CardApp::serve_update_begin(Bytes untrusted_message) {
  const auto request = contract::UpdateBegin::decode(untrusted_message);
  update_bytes_ = 0;
  if (!request) return refuse(0, request.error());
  if (own_ && !is_asked_by_wallet_of(*own_)) return refuse(0, Reason::kStranger);
  // No image has such a version, and the page could not show it whole.
  if (request->version > kMaxFirmwareVersion) return refuse(0, Reason::kBadRequest);
  const Status agreed = confirm_by_hold([&](Canvas& canvas) { draw_update(canvas, request->version); });
  if (!agreed) return refuse(0, agreed.error());
  if (const Status begun = board_.vault.updates().update_begin(request->image_bytes, request->version); !begun) return refuse(0, begun.error());
  update_bytes_ = request->image_bytes;
  update_offset_ = 0;
  answer_update(UpdateState::kReceiving, 0);
  notice(Icon::kCheck, "update", "receiving, keep", "the card near");
}

void CardApp::serve_update_data(Bytes untrusted_message) {
  const auto piece = contract::UpdateData::decode(untrusted_message);
  if (!piece) return refuse(0, piece.error());
  if (update_bytes_ == 0) return refuse(0, Reason::kBadRequest);
  phase_.enter(Phase::kRadio);
  Status written = board_.vault.updates().update_write(piece->offset, piece->data);
  if (written) update_offset_ += static_cast<std::uint32_t>(piece->data.size());
  const bool complete = written.ok() && update_offset_ == update_bytes_;
  if (complete) written = board_.vault.updates().update_commit();
  if (!written) {
    update_bytes_ = 0;
    answer_update(UpdateState::kRefused, update_offset_);
    return notice(Icon::kCross, "refused", "not a good update");
  }
  if (!complete) return answer_update(UpdateState::kReceiving, update_offset_);
  update_bytes_ = 0;
  answer_update(UpdateState::kStaged, update_offset_);
  notice(Icon::kCheck, "update", "installing, the", "card restarts");
  board_.vault.updates().restart();
}

void CardApp::answer_update(UpdateState state, std::uint32_t next_offset) {
  contract::UpdateStatus status;
  status.next_offset = next_offset;
  status.state = static_cast<std::uint8_t>(state);
  ByteArray<contract::UpdateStatus::kMaxBytes> buffer;
  static_cast<void>(send(status.encode(buffer).value()));  // a lost connection ends the update by itself
}

}  // namespace touchstone::firmware
