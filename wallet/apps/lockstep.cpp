#include "wallet/lockstep.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "contract/events.h"
#include "contract/lockstep.h"
#include "contract/messages.h"

namespace touchstone::wallet::lockstep {

namespace wire = contract::lockstep;

namespace {

Bytes bytes_of(const std::string& text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }
std::string text_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }
ByteVector vector_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

template <typename Message>
void put(ByteVector& out, const Message& message) {
  const std::size_t start = out.size();
  out.resize(start + kHeaderBytes + Message::kMaxBytes);
  const auto used = message.encode(MutableBytes(out).subspan(start + kHeaderBytes));
  TS_CHECK(used.ok(), "the message fits its frame");
  store_le32(out.data() + start, static_cast<std::uint32_t>(used->size()));
  out.resize(start + kHeaderBytes + used->size());
}

struct InputWriter {
  ByteVector out;

  /// Secret A leaves no second copy behind: not in the message, not in a buffer that had to grow.
  template <typename Message>
  void put_with_secret(const Secret<32>& secret_a, Message m) {
    out.reserve(out.size() + kHeaderBytes + Message::kMaxBytes);
    std::copy(secret_a.expose().begin(), secret_a.expose().end(), m.secret_a.begin());
    put(out, m);
    wipe(m.secret_a.data(), m.secret_a.size());
  }

  void operator()(const Start& s) {
    wire::Start m;
    m.version = kVersion;
    m.seed = s.seed;
    m.network = static_cast<std::uint8_t>(s.account.network);
    m.account = s.account.account;
    m.epoch = s.account.epoch;
    m.scheme = static_cast<std::uint8_t>(s.account.scheme);
    m.attestation = static_cast<std::uint8_t>(s.attestation);
    m.vendor_key = s.vendor_key;
    m.state = s.untrusted_state;
    put(out, m);
  }
  void operator()(const Pair& p) { put_with_secret(p.secret_a, wire::Pair{{}, p.touches, p.fingers, static_cast<std::uint8_t>(p.any_order ? 1 : 0)}); }
  void operator()(const Sign& s) {
    for (const PayTo& to : s.payment.recipients) put(out, wire::PayTo{bytes_of(to.address), to.amount_sat});
    const Payment& p = s.payment;
    put_with_secret(s.secret_a, wire::Sign{{}, p.coin.txid, p.coin.vout, p.coin.amount_sat, p.coin.path.chain, p.coin.path.index, p.fee_sat, p.change_index, p.lock_time});
  }
  void operator()(const Guest&) { put(out, wire::Guest{}); }
  void operator()(const Update& u) {
    constexpr std::size_t kPiece = 32768;
    for (std::size_t i = 0; i < u.image.size(); i += kPiece) put(out, wire::Image{Bytes(u.image).subspan(i, std::min(kPiece, u.image.size() - i))});
    put(out, wire::Update{});
  }
  void operator()(const LinkOpened& opened) { put(out, wire::LinkOpened{opened.channel_binding}); }
  void operator()(const LinkMessage& m) { put(out, wire::LinkMessage{m.untrusted_message}); }
  void operator()(const LinkClosed& c) { put(out, wire::LinkClosed{c.reason}); }
  void operator()(const Woke&) { put(out, wire::Woke{}); }
};

struct ActionWriter {
  ByteVector out;

  void operator()(const Connect&) { put(out, wire::Connect{}); }
  void operator()(const Disconnect&) { put(out, wire::Disconnect{}); }
  void operator()(const Send& s) { put(out, wire::Send{s.message}); }
  void operator()(const Event& e) {
    put(out, wire::Event{bytes_of(e.name), static_cast<std::uint8_t>(e.fields.size())});
    for (const auto& [name, value] : e.fields) {
      if (const auto* number = std::get_if<std::int64_t>(&value)) put(out, wire::Number{bytes_of(name), static_cast<std::uint64_t>(*number)});
      else put(out, wire::Text{bytes_of(name), bytes_of(std::get<std::string>(value))});
    }
  }
  void operator()(const SaveState& s) { put(out, wire::SaveState{s.state}); }
  void operator()(const Publish& p) { put(out, wire::Publish{p.signature, p.public_key, p.message_hash, p.transaction}); }
  void operator()(const WakeAfter& w) { put(out, wire::WakeAfter{w.milliseconds}); }
};

Result<Input> start_of(const wire::Start& m) {
  if (m.version != kVersion) return Error{ErrorCode::kUnsupported, "another version of the lockstep protocol"};
  if (m.network > static_cast<std::uint8_t>(chain::Network::kRegtest)) return Error{ErrorCode::kBadFormat, "Start: network"};
  const auto attestation = static_cast<Attestation>(m.attestation);
  if (attestation != Attestation::kNone && attestation != Attestation::kRequired) return Error{ErrorCode::kBadFormat, "Start: attestation"};
  Start s;
  const auto scheme = mpc::account_scheme(m.scheme);
  if (!scheme) return Error{ErrorCode::kBadFormat, "Start: scheme"};
  s.account = {static_cast<chain::Network>(m.network), m.account, m.epoch, *scheme};
  s.seed = m.seed;
  s.attestation = attestation;
  s.vendor_key = m.vendor_key;
  s.untrusted_state = vector_of(m.state);
  return Result<Input>(std::move(s));
}

/// Moves Secret A from a decoded message to where it is used.
template <typename Message>
void take_secret(Message& from, Secret<32>& to) {
  std::copy(from.secret_a.begin(), from.secret_a.end(), to.expose().begin());
  wipe(from.secret_a.data(), from.secret_a.size());
}

/// What `use` makes of the frame as a Message, or the error of decoding.
template <typename Message, typename Use>
auto decoded(Bytes untrusted_frame, Use use) -> std::invoke_result_t<Use, Message&> {
  auto message = Message::decode(untrusted_frame);
  if (!message) return message.error();
  return use(*message);
}

std::optional<Input> some(Input input) { return {std::move(input)}; }

}  // namespace

Result<std::size_t> frame_bytes(const ByteArray<kHeaderBytes>& untrusted_header) {
  const std::uint32_t size = load_le32(untrusted_header.data());
  if (size == 0) return Error{ErrorCode::kBadFormat, "an empty frame"};
  if (size > wire::kMaxMessageBytes) return Error{ErrorCode::kTooLarge, "a frame longer than any message"};
  return std::size_t{size};
}

ByteVector encode(const Input& input) {
  InputWriter writer;
  std::visit(writer, input);
  return std::move(writer.out);
}

ByteVector encode(const Actions& actions) {
  ActionWriter writer;
  for (const Action& action : actions) std::visit(writer, action);
  put(writer.out, wire::Done{});
  return std::move(writer.out);
}

Result<std::optional<Input>> InputDecoder::take(Bytes untrusted_frame) {
  using Taken = Result<std::optional<Input>>;
  const Bytes frame = untrusted_frame;
  const std::uint8_t id = frame.empty() ? std::uint8_t{0} : frame[0];
  // What leads up to a Sign or an Update is followed by nothing else.
  if (!recipients_.empty() && id != wire::PayTo::kId && id != wire::Sign::kId) return Error{ErrorCode::kBadFormat, "PayTo without its Sign"};
  if (!image_.empty() && id != wire::Image::kId && id != wire::Update::kId) return Error{ErrorCode::kBadFormat, "Image without its Update"};
  switch (id) {
    case wire::Start::kId:
      return decoded<wire::Start>(frame, [](const wire::Start& m) -> Taken {
        auto start = start_of(m);
        if (!start) return start.error();
        return some(std::move(start).value());
      });
    case wire::Pair::kId:
      return decoded<wire::Pair>(frame, [](wire::Pair& m) -> Taken {
        Pair pair;
        take_secret(m, pair.secret_a);
        pair.touches = m.touches;
        pair.fingers = m.fingers;
        if (m.any_order > 1) return Error{ErrorCode::kBadFormat, "neither a set nor a sequence of fingers"};
        pair.any_order = m.any_order == 1;
        return some(std::move(pair));
      });
    case wire::PayTo::kId:
      return decoded<wire::PayTo>(frame, [this](const auto& m) -> Taken {
        if (recipients_.size() >= kMaxRecipients) return Error{ErrorCode::kTooLarge, "too many recipients"};
        recipients_.push_back({text_of(m.address), m.amount_sat});
        return std::optional<Input>();
      });
    case wire::Sign::kId:
      return decoded<wire::Sign>(frame, [this](wire::Sign& m) -> Taken {
        Sign sign;
        take_secret(m, sign.secret_a);
        Payment& p = sign.payment;
        p.coin = {m.txid, m.vout, m.amount_sat, {m.chain, m.index}};
        p.recipients = std::exchange(recipients_, {});
        p.fee_sat = m.fee_sat;
        p.change_index = m.change_index;
        p.lock_time = m.lock_time;
        return some(std::move(sign));
      });
    case wire::Guest::kId: return decoded<wire::Guest>(frame, [](const auto&) -> Taken { return some(Guest{}); });
    case wire::Image::kId:
      return decoded<wire::Image>(frame, [this](const auto& m) -> Taken {
        if (m.data.size() > kMaxImageBytes - image_.size()) return Error{ErrorCode::kTooLarge, "an image too large"};
        image_.insert(image_.end(), m.data.begin(), m.data.end());
        return std::optional<Input>();
      });
    case wire::Update::kId:
      return decoded<wire::Update>(frame, [this](const auto&) -> Taken { return some(Update{std::exchange(image_, {})}); });
    case wire::LinkOpened::kId: return decoded<wire::LinkOpened>(frame, [](const auto& m) -> Taken { return some(LinkOpened{m.channel_binding}); });
    case wire::LinkMessage::kId: return decoded<wire::LinkMessage>(frame, [](const auto& m) -> Taken { return some(LinkMessage{vector_of(m.message)}); });
    case wire::LinkClosed::kId: return decoded<wire::LinkClosed>(frame, [](const auto& m) -> Taken { return some(LinkClosed{m.reason}); });
    case wire::Woke::kId: return decoded<wire::Woke>(frame, [](const auto&) -> Taken { return some(Woke{}); });
    default: return Error{ErrorCode::kBadFormat, "no message of the simulation"};
  }
}

Result<bool> AnswerDecoder::take(Bytes untrusted_frame) {
  const Bytes frame = untrusted_frame;
  const std::uint8_t id = frame.empty() ? std::uint8_t{0} : frame[0];
  if (++frames_ > kMaxAnswerFrames) return Error{ErrorCode::kTooLarge, "an answer without end"};
  if ((fields_due_ > 0) != (id == wire::Number::kId || id == wire::Text::kId)) return Error{ErrorCode::kBadFormat, "an event and its fields do not belong together"};
  const auto act = [this](auto action) -> Result<bool> {
    actions_.emplace_back(std::move(action));
    return false;
  };
  const auto field = [this](Bytes name, std::variant<std::int64_t, std::string> value) -> Result<bool> {
    --fields_due_;
    std::get<Event>(actions_.back()).fields.emplace_back(text_of(name), std::move(value));
    return false;
  };
  switch (id) {
    case wire::Connect::kId: return decoded<wire::Connect>(frame, [&](const auto&) { return act(Connect{}); });
    case wire::Disconnect::kId: return decoded<wire::Disconnect>(frame, [&](const auto&) { return act(Disconnect{}); });
    case wire::Send::kId: return decoded<wire::Send>(frame, [&](const auto& m) { return act(Send{vector_of(m.message)}); });
    case wire::Event::kId:
      return decoded<wire::Event>(frame, [&](const auto& m) {
        fields_due_ = m.fields;
        return act(Event{text_of(m.name), {}});
      });
    case wire::Number::kId: return decoded<wire::Number>(frame, [&](const auto& m) { return field(m.name, static_cast<std::int64_t>(m.value)); });
    case wire::Text::kId: return decoded<wire::Text>(frame, [&](const auto& m) { return field(m.name, text_of(m.value)); });
    case wire::SaveState::kId: return decoded<wire::SaveState>(frame, [&](const auto& m) { return act(SaveState{vector_of(m.state)}); });
    case wire::Publish::kId:
      return decoded<wire::Publish>(frame, [&](const auto& m) { return act(Publish{m.signature, vector_of(m.public_key), m.message_hash, vector_of(m.transaction)}); });
    case wire::WakeAfter::kId: return decoded<wire::WakeAfter>(frame, [&](const auto& m) { return act(WakeAfter{m.milliseconds}); });
    case wire::Done::kId: return decoded<wire::Done>(frame, [](const auto&) -> Result<bool> { return true; });
    default: return Error{ErrorCode::kBadFormat, "no message of a wallet"};
  }
}

Status check_event(const Event& untrusted_event) {
  const std::string& name = untrusted_event.name;
  constexpr Error kUnknown{ErrorCode::kBadFormat, "an event that is not the wallet's to report"};
  // Of the program itself, and of what the phone does for it.
  constexpr std::string_view kNotItsOwn[] = {events::WalletProgram::kName, events::WalletChannel::kName, events::WalletFace::kName};
  if (!name.starts_with("wallet.") || std::find(std::begin(kNotItsOwn), std::end(kNotItsOwn), name) != std::end(kNotItsOwn)) return kUnknown;
  const auto* row = std::find_if(std::begin(events::kFields), std::end(events::kFields), [&](const auto& f) { return f.event == name; });
  if (row == std::end(events::kFields)) return kUnknown;
  constexpr Error kFields{ErrorCode::kBadFormat, "an event with other fields than the contract's"};
  for (const auto& [field, value] : untrusted_event.fields) {
    if (row == std::end(events::kFields) || row->event != name || row->field != field || row->is_text != std::holds_alternative<std::string>(value)) return kFields;
    ++row;
  }
  // All of them: the next row is another event's, or this one's row that says it has none.
  if (row != std::end(events::kFields) && row->event == name && !row->field.empty()) return kFields;
  return {};
}

}  // namespace touchstone::wallet::lockstep
