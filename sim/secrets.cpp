#include "sim/secrets.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "app/record.h"
#include "base/secret.h"
#include "biometrics/converter.h"
#include "biometrics/feature.h"
#include "chain/review.h"
#include "contract/dkls.h"
#include "contract/messages.h"
#include "crypto/point.h"
#include "curve_host/host_curve.h"
#include "mpc/musig2_keys.h"
#include "mpc/musig2_nonce.h"
#include "mpc_session/roots.h"
#include "sim/wallet_device.h"
#include "wallet/agent.h"

namespace touchstone::sim {
namespace {

/// The flash of a model, for the firmware's own reader of records.
class FlashReader : public firmware::FlashPages {
 public:
  explicit FlashReader(Bytes flash) : flash_(flash) {}
  Status erase_page(std::uint32_t) override { return Error{ErrorCode::kState, "read only"}; }
  Status program(std::uint32_t, Bytes) override { return Error{ErrorCode::kState, "read only"}; }
  void read(std::uint32_t offset, MutableBytes out) override { std::copy_n(flash_.begin() + offset, out.size(), out.begin()); }

 private:
  Bytes flash_;
};

std::string numbered(const char* name, std::size_t index) { return std::string(name) + " " + std::to_string(index + 1); }

template <typename Message>
Result<Message> message_of(const wallet::ByteVector& message) {
  return Message::decode(message);
}

/// Compressed; nothing for 0 and for numbers that are no scalar.
std::optional<crypto::CompressedPoint> public_key_of(crypto::Curve& curve, const ByteArray<32>& scalar_bytes) {
  const auto scalar = crypto::Scalar::from_bytes(scalar_bytes);
  if (!scalar) return std::nullopt;
  const auto point = curve.multiply_base(*scalar);
  if (!point || point->infinity) return std::nullopt;
  return crypto::compress(*point);
}

/// A curve that remembers the scalars it multiplied the generator by.
class ScalarTap : public crypto::Curve {
 public:
  Result<crypto::Point> multiply(const crypto::Scalar& k, const crypto::Point& p) override { return curve_.multiply(k, p); }
  Result<crypto::Point> multiply_base(const crypto::Scalar& k) override {
    scalars.push_back(k);
    return curve_.multiply_base(k);
  }
  Result<crypto::Point> add(const crypto::Point& p, const crypto::Point& q) override { return curve_.add(p, q); }
  Result<crypto::Point> lift_x(const ByteArray<32>& x) override { return curve_.lift_x(x); }
  std::vector<crypto::Scalar> scalars;

 private:
  crypto::HostCurve curve_;
};

}  // namespace

Secrets::Secrets(const Scenario& scenario, const SeedTree& seeds, const Faces& faces) : scenario_(scenario), seeds_(seeds), faces_(faces) {}

Secrets::~Secrets() {
  for (Image& image : images_) wipe(image.pixels.data(), image.pixels.size());
  wipe(scalars_.data(), scalars_.size() * sizeof(scalars_[0]));
}

void Secrets::watch(models::Card& card) {
  cards_.push_back(&card);
  card.sensor().on_capture = [this](Bytes pixels, int width_px, int height_px) {
    if (images_.size() < kMaxImages) images_.push_back({{pixels.begin(), pixels.end()}, width_px, height_px});
  };
  card.accelerator().on_multiply = [this](std::uint32_t op, const ByteArray<32>& scalar) {
    if (op == static_cast<std::uint32_t>(contract::secp::Op::kMulBase) && scalars_.size() < kMaxScalars) scalars_.push_back(scalar);
  };
}

void Secrets::arm(MemoryScanner& scanner, const std::vector<wallet::ByteVector>& messages) {
  using Kind = MemoryScanner::Kind;
  // The wallet's side.
  Secret<32> secret_a;
  seeds_.stream("wallet/secret_a").fill(secret_a.expose());
  scanner.add("Secret A", secret_a.expose());
  std::size_t seen = 0;
  for (const auto& [look, code] : faces_.codes())
    scanner.add(numbered("face", seen++), {reinterpret_cast<const std::uint8_t*>(code.vector.components.data()), code.vector.components.size()}, Kind::kSamples);
  const auto network = chain::network_from_string(scenario_.wallet.network);
  if (network) {
    const auto share = mpc::derive_share(secret_a, {scenario_.wallet.scheme, chain::coin_type(*network), static_cast<std::uint32_t>(scenario_.wallet.account), 0});
    if (share) {
      scanner.add("wallet share", share->to_secret().expose());
      add_wallet_nonces(scanner, messages, *network, *share);
    }
  }

  // Public points by which scalars are known: a card's key makes its share, a public nonce its secret half.
  std::set<crypto::CompressedPoint> card_keys, card_nonces;
  for (const auto& m : messages) {
    if (const auto paired = message_of<contract::PairResponse>(m)) card_keys.insert(paired->card_public_key);
    if (const auto guest = message_of<contract::GuestAccepted>(m)) card_keys.insert(guest->card_public_key);
    if (const auto run = message_of<contract::RunMessage>(m)) {
      if (const auto opened = contract::dkls::SignOpen::decode(run->payload)) card_nonces.insert(opened->nonce_point);
    }
    if (const auto response = message_of<contract::SignResponse>(m)) {
      crypto::CompressedPoint half;
      for (const auto first : {response->card_nonce.begin(), response->card_nonce.begin() + 33}) {
        std::copy_n(first, half.size(), half.begin());
        card_nonces.insert(half);
      }
    }
  }
  std::vector<firmware::EnrolmentRecord> records;
  for (const auto& m : messages) {  // a borrowed card works with the record of another
    const auto paired = message_of<contract::PairResponse>(m);
    const auto guest = message_of<contract::GuestRequest>(m);
    const auto record = firmware::EnrolmentRecord::parse(paired ? paired->record : guest ? guest->record : Bytes());
    if (record) records.push_back(*record);
  }
  for (models::Card* card : cards_) {
    FlashReader flash(card->flash().bytes());
    if (auto record = firmware::RecordStore(flash).load()) {
      card_keys.insert(record->card_public_key);
      records.push_back(*record);
    }
  }

  // The card's scalars, known by their points. (A nonce whose signature never left the card has no known point.)
  crypto::HostCurve curve;
  std::map<ByteArray<32>, std::string> roles;
  std::size_t shares = 0, nonces = 0;
  for (const auto& k : scalars_) {
    if (roles.contains(k)) continue;
    const auto key = public_key_of(curve, k);
    std::string& role = roles[k];
    if (!key) continue;
    if (card_keys.contains(*key)) role = numbered("share", shares++);
    else if (card_nonces.contains(*key)) role = numbered("card nonce", nonces++);
  }
  for (const auto& [scalar, role] : roles)
    if (!role.empty()) scanner.add(role, scalar);

  // Images and what the card makes of them.
  std::size_t roots = 0;
  std::set<ByteArray<32>> known_roots;
  std::vector<biometrics::Feature> features(images_.size());  // of the images that are prints, one after the other
  std::size_t extracted = 0;
  std::vector<std::uint64_t> decoder_work((biometrics::converter_work_bytes() + 7) / 8);
  for (std::size_t i = 0; i < images_.size(); ++i) {
    const Image& image = images_[i];
    scanner.add(numbered("image", i), image.pixels, Kind::kSamples);
    const auto width = static_cast<std::uint16_t>(image.width_px), height = static_cast<std::uint16_t>(image.height_px);
    std::vector<std::uint64_t> work((biometrics::extract_work_bytes(width, height) + 7) / 8);
    biometrics::Feature& feature = features[extracted];
    if (!biometrics::extract({image.pixels, width, height}, {reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 8}, feature)) continue;
    ++extracted;
    scanner.add(numbered("features", i), {reinterpret_cast<const std::uint8_t*>(feature.components.data()), feature.dimensions}, Kind::kSamples);
    for (const auto& record : records) {
      const std::size_t fingers = record.helper.fingers;
      if (extracted < fingers) continue;
      Secret<32> root;
      ByteArray<32> plain;
      if (!biometrics::regenerate(std::span<const biometrics::Feature>(features).subspan(extracted - fingers, fingers), record.helper,
                                  {reinterpret_cast<std::uint8_t*>(decoder_work.data()), decoder_work.size() * 8}, root)) continue;
      std::copy(root.expose().begin(), root.expose().end(), plain.begin());
      if (known_roots.insert(plain).second) scanner.add(numbered("root", roots++), plain);
    }
  }
}

void Secrets::add_wallet_nonces(MemoryScanner& scanner, const std::vector<wallet::ByteVector>& messages, chain::Network network, const crypto::Scalar& share) {
  namespace musig2 = mpc::musig2;
  constexpr std::size_t kDraws = 16, kStarts = 4;  // nonces that never left the wallet come before, and it may be started again
  std::vector<SeedTree> phones{seeds_};
  for (const Step& step : scenario_.steps)
    if (step.action.kind == Action::Kind::kNewPhone) phones.push_back(WalletDevice::new_phone_seeds(seeds_, phones.size()));
  wallet::EntropySource entropy;
  ScalarTap curve;
  const auto point = curve.multiply_base(share);
  if (!point) return;
  const musig2::PublicKey own = crypto::compress(*point);
  std::optional<musig2::PublicKey> card;
  std::size_t count = 0;
  for (const auto& m : messages) {
    if (const auto paired = message_of<contract::PairResponse>(m)) card = paired->card_public_key;
    const auto request = message_of<contract::SignRequest>(m);
    if (!request || !card) continue;
    std::array<musig2::PublicKey, 2> keys{own, *card};
    musig2::sort_keys(keys);
    const auto account = musig2::aggregate_keys(curve, keys, {});
    if (!account) continue;
    const auto review = chain::review(request->psbt, {account->aggregate_point(), network}, curve);
    if (!review) continue;
    std::array<musig2::Tweak, 3> tweaks;
    for (std::size_t i = 0; i < tweaks.size(); ++i) tweaks[i] = {review->input_key.tweaks[i].value, review->input_key.tweaks[i].x_only};
    const auto aggregate = musig2::aggregate_keys(curve, keys, tweaks);
    if (!aggregate) continue;
    for (std::size_t draw = 0; draw < phones.size() * kStarts * kDraws; ++draw) {
      if (draw % kDraws == 0) entropy = wallet::seeded_entropy(phones[draw / kDraws / kStarts].seed(), "nonces", static_cast<std::uint32_t>(1 + draw / kDraws % kStarts));
      Secret<32> random;
      entropy(random.expose());
      curve.scalars.clear();
      const auto nonce = musig2::generate_nonce(curve, {.random32 = random.expose(), .public_key = own, .secret_key = &share, .aggregate_key = aggregate->x_only_key(), .message = Bytes(review->message_hash)});
      if (!nonce || nonce->public_nonce != request->wallet_nonce) continue;
      for (const crypto::Scalar& k : curve.scalars) scanner.add(numbered("wallet nonce", count++), k.to_secret().expose());
      break;
    }
  }
}

}  // namespace touchstone::sim
