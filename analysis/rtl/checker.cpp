#include "checker.h"

namespace touchstone::rtl_tools {

namespace {

namespace secp = contract::secp;
using secp::Op;

Number small(std::uint8_t value) {
  Number out{};
  out[31] = value;
  return out;
}

}  // namespace

Checker::References Checker::both() {
  References out;
  out.push_back(make_textbook());
  out.push_back(make_libsecp256k1());
  return out;
}

Checker::Checker(std::unique_ptr<rtl::WatchedModel> model, bool masked, References references)
    : core_(std::move(model)),
      masked_(masked),
      references_(std::move(references)),
      quarter_(references_.front()->invert_n(small(4))) {
  for (const OpInfo& op : kOps)
    for (const Source source : {Source::kFresh, Source::kStuck, Source::kSilent}) {
      Operation x;
      x.op = op.op;
      x.slots.fill(small(5));
      x.p = x.q = kGenerator;
      x.source = source;
      x.entropy_seed = times_.size();  // no operation begins with the word on which the last one ended
      load(x);
      times_[{op.op, source}] = core_.run(x.op);
    }
}

void Checker::load(const Operation& x) {
  for (std::uint32_t i = 0; i < 4; ++i) core_.load_slot(i, x.slots[i]);
  core_.load(x.p);
  core_.write(secp::kQx, x.q.x);
  core_.write(secp::kQy, x.q.y);
  core_.select_slots(x.a, x.b, x.d, x.keep);
  core_.model().set_entropy(x.entropy());
}

void Checker::expect_operands_read_zero(const char* when, std::vector<std::string>& wrong) {
  for (std::uint32_t offset = secp::kPx; offset < secp::kSizeBytes; offset += 4) {
    const bool operand = offset < secp::kRx || (offset >= secp::kK && offset < secp::kK + 4 * 32);
    if (operand && core_.model().read32(offset) != 0)
      wrong.push_back("an operand can be read " + std::string(when) + ", at offset " + std::to_string(offset));
  }
}

/// What a slot holds, which only sums show: add_n makes it twice that, sign_n gives twice that again. Destroys it. Of a
/// number that is no scalar nothing is shown but the refusal: it counts as `expected` where that is none either.
Number Checker::slot(std::uint32_t which, const Number& expected) {
  core_.select_slots(which, which, which, /*keep=*/true);
  core_.run(Op::kAddN);
  if (core_.status() == (secp::kStatusDoneMask | secp::kStatusBadScalarMask))
    return expected >= kOrder ? expected : kOrder;
  core_.write(secp::kPx, small(1));
  core_.run(Op::kSignN);
  if (core_.status() == (secp::kStatusDoneMask | secp::kStatusBadScalarMask)) return {};
  return references_.front()->multiply_n(core_.read(secp::kRx), quarter_);
}

std::vector<std::string> Checker::run(const Operation& x) {
  std::vector<std::string> wrong;
  expected_ = expect(*references_.front(), x, masked_);
  for (std::size_t i = 1; i < references_.size(); ++i)
    if (const auto& other = references_[i]; expect(*other, x, masked_) != expected_)
      wrong.push_back(std::string(other->name()) + " expects another result than " + references_.front()->name());

  load(x);
  expect_operands_read_zero("before it", wrong);
  cycles_ = core_.run(x.op);
  if (const std::uint64_t usual = times_.at({x.op, x.source}); cycles_ != usual)
    wrong.push_back("it took " + std::to_string(cycles_) + " cycles, others " + std::to_string(usual));
  if (const std::uint32_t told = core_.model().read32(secp::kCycles); told != cycles_)
    wrong.push_back("CYCLES says " + std::to_string(told) + ", it took " + std::to_string(cycles_));
  const std::uint32_t status = core_.status();
  if ((status & secp::kStatusDoneMask) == 0 || (status & secp::kStatusBusyMask) != 0)
    wrong.push_back("STATUS does not say done");
  answered_.status = status & ~secp::kStatusDoneMask;
  answered_.result = {core_.read(secp::kRx), core_.read(secp::kRy)};
  expect_operands_read_zero("after it", wrong);
  Operation fresh;
  fresh.entropy_seed = x.entropy_seed + 1;
  core_.model().set_entropy(fresh.entropy());
  for (std::uint32_t i = 0; i < 4; ++i) answered_.slots[i] = slot(i, expected_.slots[i]);

  if (answered_.status != expected_.status)
    wrong.push_back("STATUS is " + std::to_string(answered_.status) + ", not " + std::to_string(expected_.status));
  if (answered_.result != expected_.result) wrong.push_back("RX, RY are not the result");
  for (std::size_t i = 0; i < 4; ++i)
    if (answered_.slots[i] != expected_.slots[i])
      wrong.push_back("slot " + std::to_string(i) + " holds another number");
  return wrong;
}

}  // namespace touchstone::rtl_tools
