// touchstone rtl budget: where the cycles of an operation go, by block of the microcode; and its waves.
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "checker.h"
#include "options.h"
#include "rtl/secp_waves.h"
#include "verbs.h"

namespace touchstone::rtl_tools {

namespace {

void write(rtl::SecpModel& model, std::uint32_t offset_bytes, const Number& value) {
  for (std::uint32_t i = 0; i < 8; ++i) model.write32(offset_bytes + 4 * i, load_be32(value.data() + 28 - 4 * i));
}

/// On some points and scalars: which ones makes no difference.
void start(rtl::SecpModel& model, contract::secp::Op op) {
  namespace secp = contract::secp;
  Random random = SeedTree(1).stream("budget");
  const Affine p = point(random_scalar(random)), q = point(random_scalar(random));
  write(model, secp::kPx, p.x);
  write(model, secp::kPy, p.y);
  write(model, secp::kQx, q.x);
  write(model, secp::kQy, q.y);
  for (const std::uint32_t slot : {0, 1}) write(model, secp::kK + 32 * slot, random_scalar(random));
  model.write32(secp::kSlots, 1 << secp::kSlotsBShift | 2 << secp::kSlotsDShift);
  model.write32(secp::kOp, static_cast<std::uint32_t>(op) << secp::kOpShift);
  model.write32(secp::kStart, 1);
}

}  // namespace

int budget_main(const std::vector<std::string>& arguments) {
  Options options(arguments);
  const auto json = options.output("--json");
  const auto fst = options.value("--fst");
  const std::string name = options.value("--operation").value_or("k_p");
  const rtl::Variant& variant = variant_named(options.value("--variant").value_or("protected_64"));
  options.finish();
  if (fst && variant.name != std::string_view("protected_64")) throw UsageError("--fst: waves are of variant protected_64");
  const OpInfo* op = nullptr;
  std::string names;
  for (const OpInfo& o : kOps) {
    names += std::string(" ") + o.name;
    if (name == o.name) op = &o;
  }
  if (op == nullptr) throw UsageError("--operation: one of" + names + ", not '" + name + "'");

  const std::unique_ptr<rtl::SecpModel> model = fst ? rtl::make_model_with_waves(*fst) : rtl::make_variant(variant);
  start(*model, op->op);
  std::vector<const rtl::listing::BlockInfo*> order;
  std::map<const rtl::listing::BlockInfo*, std::uint64_t> cycles;
  while (model->control().busy) {
    const rtl::listing::BlockInfo& block = block_of(variant, model->control().pc);
    if (cycles[&block]++ == 0) order.push_back(&block);
    model->tick(1);
  }

  std::printf("%s, %s\n", op->name, variant.name);
  nlohmann::json blocks = nlohmann::json::array();
  std::uint64_t sum = 0;
  for (const auto* block : order) {
    std::printf("  %-24s %6llu\n", block->label, static_cast<unsigned long long>(cycles[block]));
    blocks.push_back({{"block", block->label}, {"cycles", cycles[block]}});
    sum += cycles[block];
  }
  const std::uint64_t counted = model->read32(contract::secp::kCycles);
  std::printf("  %-24s %6llu, and register CYCLES says %llu\n", "sum", static_cast<unsigned long long>(sum), static_cast<unsigned long long>(counted));
  if (json) write_file(*json, nlohmann::json{{"version", 1}, {"operation", op->name}, {"variant", variant.name}, {"blocks", blocks}, {"cycles", counted}}.dump(2) + "\n");
  return sum == counted ? 0 : 1;
}

}  // namespace touchstone::rtl_tools
