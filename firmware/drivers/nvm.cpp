#include "drivers/nvm.h"

#include <algorithm>

#include "drivers/irq.h"

namespace touchstone::firmware {
namespace nvm = contract::nvm;

namespace {
// NOR flash of this class erases a page in tens of milliseconds; half a second means it is broken.
constexpr std::uint64_t kTimeout_cycles = 500 * kCyclesPerMs;
}  // namespace

Status Nvm::run(nvm::Cmd command) {
  hal_.write32(nvm::kBase + nvm::kIntrState, 1);
  hal_.write32(nvm::kBase + nvm::kIntrEnable, 1);
  hal_.write32(nvm::kBase + nvm::kCmd, static_cast<std::uint32_t>(command) << nvm::kCmdShift);
  const Status done = wait_for_line(hal_, contract::Irq::kNvm, kTimeout_cycles);
  hal_.write32(nvm::kBase + nvm::kIntrState, 1);
  hal_.write32(nvm::kBase + nvm::kIntrEnable, 0);
  TS_RETURN_IF_ERROR(done);
  if ((hal_.read32(nvm::kBase + nvm::kStatus) & nvm::kStatusErrorMask) != 0) return Error{ErrorCode::kDevice, "flash error"};
  return {};
}

Status Nvm::erase_page(std::uint32_t offset) {
  hal_.write32(nvm::kBase + nvm::kAddr, offset);
  return run(nvm::Cmd::kErasePage);
}

Status Nvm::program(std::uint32_t offset, Bytes data) {
  TS_CHECK(offset % 4 == 0 && data.size() % 4 == 0, "flash is programmed in words");
  while (!data.empty()) {
    const std::size_t in_page = std::min<std::size_t>(data.size(), contract::kPageBytes - offset % contract::kPageBytes);
    hal_.write32(nvm::kBase + nvm::kAddr, offset);
    hal_.write32(nvm::kBase + nvm::kSrcAddr, hal_.bus_address(data.data()));
    hal_.write32(nvm::kBase + nvm::kLenBytes, static_cast<std::uint32_t>(in_page));
    TS_RETURN_IF_ERROR(run(nvm::Cmd::kProgram));
    data = data.subspan(in_page);
    offset += static_cast<std::uint32_t>(in_page);
  }
  return {};
}

void Nvm::read(std::uint32_t offset, MutableBytes out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::uint32_t at = offset + static_cast<std::uint32_t>(i);
    out[i] = static_cast<std::uint8_t>(hal_.read32(contract::kFlashBase + (at & ~3u)) >> (8 * (at % 4)));
  }
}

}  // namespace touchstone::firmware
