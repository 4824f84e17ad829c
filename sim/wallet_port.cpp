#include "sim/wallet_port.h"

#include "curve_host/host_curve.h"

namespace touchstone::sim {
namespace {

class LinkedInWallet : public WalletPort {
 public:
  std::variant<wallet::Actions, WalletFault> deliver(wallet::Input input) override {
    if (std::holds_alternative<wallet::Start>(input)) agent_ = std::make_unique<wallet::Agent>(curve_, wallet::seeded_entropy);
    TS_CHECK(agent_ != nullptr, "a program runs");
    return agent_->handle(std::move(input));
  }
  void kill() override { agent_.reset(); }
  MemoryCopy memory() const override {
    Memory objects{"wallet", {}};
    if (agent_ != nullptr)
      for (const Bytes object : agent_->memory()) objects.bytes.insert(objects.bytes.end(), object.begin(), object.end());
    return {{std::move(objects)}, ""};
  }

 private:
  crypto::HostCurve curve_;
  std::unique_ptr<wallet::Agent> agent_;
};

}  // namespace

std::unique_ptr<WalletPort> linked_in_wallet() { return std::make_unique<LinkedInWallet>(); }

}  // namespace touchstone::sim
