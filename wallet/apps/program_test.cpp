// touchstone-wallet as a user runs it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/system_entropy.h"
#include "curve_host/host_curve.h"
#include "support/command.h"
#include "wallet/encoding.h"
#include "wallet/secret_file.h"
#include "wallet/test_card.h"
#include "wallet/wallet.h"

namespace touchstone::wallet {
namespace {

using Finished = touchstone::test::Outcome;

class Program : public ::testing::Test {
 protected:
  Program() {
    ByteArray<8> random;
    fill_from_system(random);
    folder_ = std::filesystem::temp_directory_path() / ("touchstone-wallet-" + to_hex(random));
    std::filesystem::create_directory(folder_);
    secret_ = folder_ / "secret";
  }
  ~Program() override { std::filesystem::remove_all(folder_); }

  /// What comes out on both streams.
  static Finished run(const std::string& arguments) {
    return touchstone::test::run_command(std::string(TS_WALLET_PROGRAM) + " " + arguments + " 2>&1");
  }
  std::string with_secret() const { return "--secret-file " + secret_; }

  std::filesystem::path folder_;
  std::string secret_;
};

TEST_F(Program, MakesASecretAndItsAddresses) {
  EXPECT_EQ(run("new " + with_secret()).exit_code, 0);
  EXPECT_EQ(run("new " + with_secret()).exit_code, 2);
  const Finished key = run("key " + with_secret());
  EXPECT_EQ(key.exit_code, 0);
  ASSERT_EQ(key.output.size(), 67u);

  crypto::HostCurve curve;
  const std::string card_key = to_hex(crypto::compress(curve.multiply_base(crypto::Scalar::from_u32(9)).value()));
  const Finished address = run("address " + with_secret() + " --card-key " + card_key + " --index 4");
  EXPECT_EQ(address.exit_code, 0);
  for (const char* wrong : {"--index=-1", "--account=-1", "--index -1", "--index x"})
    EXPECT_EQ(run("address " + with_secret() + " --card-key " + card_key + " " + wrong).exit_code, 2) << wrong;

  const auto wallet = Wallet::create({}, read_secret_file(secret_).value(), curve, fill_from_system).value();
  EXPECT_EQ(key.output, to_hex(wallet->public_key()) + "\n");
  ByteArray<33> key_bytes;
  ASSERT_TRUE(from_hex(card_key, key_bytes).ok());
  ASSERT_TRUE(wallet->restore_pairing(key_bytes).ok());
  EXPECT_EQ(address.output, std::string(wallet->address({0, 4})->view()) + "\n");
  EXPECT_NE(run("address " + with_secret() + " --card-key " + card_key + " --index 4 --change").output, address.output);
  EXPECT_TRUE(
      run("address " + with_secret() + " --card-key " + card_key + " --network main").output.starts_with("bc1p"));
}

TEST_F(Program, InspectsAPayment) {
  ASSERT_EQ(run("new " + with_secret()).exit_code, 0);
  crypto::HostCurve curve;
  const auto wallet = Wallet::create({}, read_secret_file(secret_).value(), curve, fill_from_system).value();
  test::TestCard card;
  ASSERT_TRUE(std::holds_alternative<Paired>(wallet->on_message(card.answer(wallet->pair_request(1)))));
  Payment payment;
  payment.coin.amount_sat = 100'000;
  payment.recipients = {{"bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", 60'000}};
  payment.fee_sat = 20'000;
  const auto request = wallet->sign_request(payment);
  ASSERT_TRUE(request.ok());
  const ByteVector psbt = [&] {
    const Bytes view = contract::SignRequest::decode(request->message)->psbt;
    return ByteVector(view.begin(), view.end());
  }();

  const std::string account = with_secret() + " --card-key " + to_hex(card.public_key());
  const Finished judged = run("inspect " + to_base64(psbt) + " " + account);
  EXPECT_EQ(judged.exit_code, 0);
  EXPECT_NE(judged.output.find("0.00060000 BTC  bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"), std::string::npos)
      << judged.output;
  EXPECT_NE(judged.output.find("0.00020000 BTC  HIGH"), std::string::npos) << judged.output;
  EXPECT_NE(judged.output.find(to_hex(request->review.message_hash)), std::string::npos);

  const std::filesystem::path file = folder_ / "payment.psbt";
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(psbt.data()), static_cast<std::streamsize>(psbt.size()));
  EXPECT_EQ(run("inspect " + file.string() + " " + account).output, judged.output);
  const Finished unjudged = run("inspect " + file.string());
  EXPECT_EQ(unjudged.exit_code, 0);
  EXPECT_NE(unjudged.output.find("not judged"), std::string::npos);
  // The same payment is not this account's under another card's key: refused, as the card would.
  const std::string other_card = to_hex(crypto::compress(curve.multiply_base(crypto::Scalar::from_u32(9)).value()));
  EXPECT_EQ(run("inspect " + file.string() + " " + with_secret() + " --card-key " + other_card).exit_code, 1);
}

TEST_F(Program, VerifiesASignature) {
  const crypto::Scalar secret = crypto::Scalar::from_u32(3);
  crypto::HostCurve curve;
  ByteArray<32> message{};
  const auto signature = crypto::schnorr_sign(secret, message, ByteArray<32>{}).value();
  const auto arguments = [&](Bytes of_message) {
    return "verify --key " + to_hex(curve.multiply_base(secret)->x) + " --message " + to_hex(of_message) +
           " --signature " + to_hex(signature);
  };
  EXPECT_EQ(run(arguments(message)).exit_code, 0);
  message[0] = 1;
  const Finished wrong = run(arguments(message));
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_FALSE(wrong.output.empty());
}

TEST_F(Program, WrongUseEndsWithTwoAndASentence) {
  const std::string hex32(64, '1');
  for (const std::string& arguments : std::initializer_list<std::string>{
           "", "sing", "new", "new --secret-file", "new --secret-file /no/such/folder/x", "new --sec x",
           "key --secret-file /nonexistent", "address " + with_secret(), "verify --key " + hex32,
           "verify --key 12 --message 12 --signature 12", "verify --key zz --message zz --signature zz", "inspect",
           "inspect nonsense!", "inspect cHNidP8=", "address " + with_secret() + " --network mars",
           "address " + with_secret() + " --index -1"}) {
    const Finished result = run(arguments);
    EXPECT_EQ(result.exit_code, 2) << arguments << ": " << result.output;
    EXPECT_FALSE(result.output.empty()) << arguments;
  }
  EXPECT_EQ(run("--help").exit_code, 0);
}

}  // namespace
}  // namespace touchstone::wallet
