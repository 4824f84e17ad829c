// touchstone-wallet: the Wallet Device's program, usable without the simulator.
#include <cctype>
#include <boost/program_options.hpp>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "base/system_entropy.h"
#include "crypto/point.h"
#include "curve_host/host_curve.h"
#include "curve_host/host_ecdsa.h"
#include "wallet/encoding.h"
#include "wallet/secret_file.h"
#include "wallet/simulate.h"
#include "wallet/wallet.h"

namespace po = boost::program_options;

namespace touchstone::wallet {
namespace {

constexpr int kOk = 0;
constexpr int kVerificationFailed = 1;
constexpr int kWrongUse = 2;

constexpr const char* kUsage =
    "touchstone-wallet new     --secret-file FILE\n"
    "touchstone-wallet key     --secret-file FILE [ACCOUNT]\n"
    "touchstone-wallet address --secret-file FILE --card-key HEX [ACCOUNT] [--change] [--index N]\n"
    "touchstone-wallet inspect PSBT [--secret-file FILE --card-key HEX [ACCOUNT]]\n"
    "touchstone-wallet verify  --key HEX --message HEX --signature HEX\n"
    "\n"
    "ACCOUNT: --network main|test|signet|regtest (regtest), --account N (0), --epoch N (0),\n"
    "         --signing musig2|dkls23|lindell17 (musig2: Taproot; the others: ECDSA, P2WPKH)\n"
    "--key: 32 bytes, x-only, of a BIP340 signature; 33, compressed, of ECDSA (then --signature is r and s)\n"
    "PSBT: a file, binary or Base64, or the Base64 text itself\n"
    "Exit codes: 0 done, 1 the signature does not verify or the payment would be refused, 2 wrong use or bad input\n";

/// Ends a command with a sentence for the user.
struct Failure {
  int exit_code;
  std::string text;
};

[[noreturn]] void stop(int exit_code, std::string text) { throw Failure{exit_code, std::move(text)}; }

template <typename T>
T take(Result<T> result, int exit_code = kWrongUse) {
  if (!result) stop(exit_code, result.error().what);
  return std::move(result).value();
}

void check(Status status, int exit_code = kWrongUse) {
  if (!status) stop(exit_code, status.error().what);
}

class Command {
 public:
  explicit Command(std::string name) : name_(std::move(name)) {}

  po::options_description_easy_init options() { return description_.add_options(); }
  void add_account_options(bool required) {
    options()("secret-file", po::value<std::string>(), "")("card-key", po::value<std::string>(), "")(
        "network", po::value<std::string>()->default_value("regtest"), "")(
        "account", po::value<std::uint32_t>()->default_value(0), "")("epoch",
                                                                     po::value<std::uint32_t>()->default_value(0), "")(
        "signing", po::value<std::string>()->default_value("musig2"), "");
    account_required_ = required;
  }
  void parse(const std::vector<std::string>& words, const char* positional = nullptr) {
    po::positional_options_description places;
    if (positional != nullptr) places.add(positional, 1);
    // Boost turns "-1" into a huge unsigned number instead of refusing it.
    for (const std::string& word : words) {
      const std::string value = word.substr(word.find('=') == std::string::npos ? 0 : word.find('=') + 1);
      if (value.size() > 1 && value[0] == '-' && std::isdigit(static_cast<unsigned char>(value[1])))
        stop(kWrongUse, name_ + ": '" + word + "': numbers here are not negative");
    }
    // No prefixes for options: --sec must not come to mean something else one day.
    const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(words).options(description_).positional(places).style(style).run(), values_);
    po::notify(values_);
  }
  bool has(const char* name) const { return values_.count(name) > 0; }
  template <typename T = std::string>
  T get(const char* name) const {
    if (!has(name)) stop(kWrongUse, name_ + ": --" + name + " is missing");
    return values_[name].as<T>();
  }
  template <std::size_t N>
  ByteArray<N> get_hex(const char* name) const {
    ByteArray<N> out;
    if (!from_hex(get(name), out)) {
      stop(kWrongUse, name_ + ": --" + name + " needs " + std::to_string(2 * N) + " hexadecimal digits");
    }
    return out;
  }
  /// The wallet of the account options, paired where a card key is given.
  std::unique_ptr<Wallet> wallet(crypto::Curve& curve) const {
    const std::string signing = get("signing");
    const auto scheme = account_scheme_from_string(signing);
    if (!scheme) stop(kWrongUse, name_ + ": --signing is musig2, dkls23 or lindell17, not '" + signing + "'");
    const WalletConfig config{take(chain::network_from_string(get("network"))), get<std::uint32_t>("account"), get<std::uint32_t>("epoch"),
                              *scheme};
    const Secret<32> secret = take(read_secret_file(get("secret-file")));
    auto wallet = take(Wallet::create(config, secret, curve, fill_from_system));
    if (has("card-key") || account_required_) check(wallet->restore_pairing(get_hex<33>("card-key")));
    return wallet;
  }

 private:
  std::string name_;
  po::options_description description_;
  po::variables_map values_;
  bool account_required_ = false;
};

using Words = std::vector<std::string>;

int run_new(const Words& words) {
  Command command("new");
  command.options()("secret-file", po::value<std::string>(), "");
  command.parse(words);
  check(create_secret_file(command.get("secret-file")));
  return kOk;
}

int run_key(const Words& words) {
  Command command("key");
  command.add_account_options(false);
  command.parse(words);
  crypto::HostCurve curve;
  std::cout << to_hex(command.wallet(curve)->public_key()) << "\n";
  return kOk;
}

int run_address(const Words& words) {
  Command command("address");
  command.add_account_options(true);
  command.options()("index", po::value<std::uint32_t>()->default_value(0), "")("change", "");
  command.parse(words);
  crypto::HostCurve curve;
  const chain::AddressPath path{command.has("change") ? 1U : 0U, command.get<std::uint32_t>("index")};
  std::cout << take(command.wallet(curve)->address(path)).view() << "\n";
  return kOk;
}

/// The bytes of a PSBT given as a file, binary or Base64, or as Base64 text.
chain::ByteVector read_psbt(const std::string& argument) {
  std::string text = argument;
  std::error_code ignored;
  if (std::filesystem::exists(argument, ignored)) {
    std::ifstream file(argument, std::ios::binary);
    text.assign(std::istreambuf_iterator<char>(file), {});
    if (!file) stop(kWrongUse, "inspect: cannot read " + argument);
    if (text.starts_with("psbt\xff")) return {text.begin(), text.end()};
  }
  auto bytes = from_base64(text);
  if (!bytes) stop(kWrongUse, "inspect: neither a file nor Base64 text");
  return std::move(bytes).value();
}

void print_line(std::string_view label, std::uint64_t amount_sat, std::string_view text) {
  std::ostringstream line;
  line.width(8);
  line << std::left << label;
  line.width(26);
  line << std::right << chain::format_btc(amount_sat).view() << "  " << text;
  std::cout << line.str() << "\n";
}

void print_review(const chain::PaymentReview& review) {
  std::cout << "network " << chain::to_string(review.network) << "\n";
  for (std::size_t i = 0; i < review.recipient_count; ++i) {
    const chain::Recipient& to = review.recipients[i];
    const bool data = to.kind == chain::Recipient::Kind::kData;
    print_line(data ? "data" : "pay", to.amount_sat, std::string(to.text.view()) + (to.dust ? "  (dust)" : ""));
  }
  if (review.hidden_change_count > 0)
    print_line("change", review.change_sat, "back to this account, not shown on the card");
  print_line("fee", review.fee_sat, review.high_fee ? "HIGH" : "");
  if (review.lock_time != 0) std::cout << "lock time " << review.lock_time << "\n";
  const chain::AddressKey& key = review.input_key;
  std::cout << "sighash " << to_hex(review.message_hash) << "\n"
            << "key     " << to_hex(chain::verification_key(key)) << "\n";
}

/// What can be said without the account's keys: nothing is judged, nothing hidden.
void print_unjudged(const chain::Psbt& psbt, chain::Network network) {
  std::cout << "network " << chain::to_string(network) << " (assumed)\n";
  for (std::size_t i = 0; i < psbt.input_count(); ++i) {
    const auto utxo = psbt.witness_utxo(i);
    if (utxo) {
      const auto address = chain::address_of_script(utxo->script, network);
      print_line("spend", utxo->amount_sat, address ? address->view() : "script without an address");
    } else {
      std::cout << "spend   input " << i << " without its amount\n";
    }
  }
  for (const chain::TxOutput& output : psbt.transaction().outputs()) {
    const auto address = chain::address_of_script(output.script, network);
    print_line("output", output.amount_sat, address ? std::string(address->view()) : "script " + to_hex(output.script));
  }
  std::cout << "not judged: without --secret-file and --card-key, change cannot be told from a payment\n";
}

int run_inspect(const Words& words) {
  Command command("inspect");
  command.add_account_options(false);
  command.options()("psbt", po::value<std::string>(), "");
  command.parse(words, "psbt");
  const chain::ByteVector bytes = read_psbt(command.get("psbt"));
  const chain::Psbt psbt = take(chain::Psbt::parse(bytes));
  if (command.has("secret-file") != command.has("card-key")) {
    stop(kWrongUse, "inspect: --secret-file and --card-key go together");
  }
  if (!command.has("secret-file")) {
    print_unjudged(psbt, take(chain::network_from_string(command.get("network"))));
    return kOk;
  }
  crypto::HostCurve curve;
  const chain::AccountKeys account = take(command.wallet(curve)->account_keys());
  print_review(take(chain::review(bytes, account, curve), kVerificationFailed));
  return kOk;
}

int run_verify(const Words& words) {
  Command command("verify");
  command.options()("key", po::value<std::string>(), "")("message", po::value<std::string>(), "")(
      "signature", po::value<std::string>(), "");
  command.parse(words);
  const auto message = command.get_hex<32>("message");
  const auto signature = command.get_hex<64>("signature");
  if (command.get("key").size() == 66) {  // compressed: ECDSA
    crypto::HostCurve curve;
    check(crypto::host_ecdsa_verify(curve, take(crypto::decompress(curve, command.get_hex<33>("key"))), message, signature), kVerificationFailed);
  } else {
    check(crypto::schnorr_verify(command.get_hex<32>("key"), message, signature), kVerificationFailed);
  }
  std::cout << "the signature verifies\n";
  return kOk;
}

int run(int argc, char** argv) {
  Words words(argv + 1, argv + argc);
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    (words.empty() ? std::cerr : std::cout) << kUsage;
    return words.empty() ? kWrongUse : kOk;
  }
  const std::string name = words[0];
  words.erase(words.begin());
  if (name == "new") return run_new(words);
  if (name == "key") return run_key(words);
  if (name == "address") return run_address(words);
  if (name == "inspect") return run_inspect(words);
  if (name == "verify") return run_verify(words);
  // Not in the usage: no person types it.
  if (name == "simulate") {
    if (const std::string why = simulate(); !why.empty()) stop(kWrongUse, "simulate: " + why);
    return kOk;
  }
  stop(kWrongUse, "no command '" + name + "': new, key, address, inspect or verify; --help tells more");
}

}  // namespace
}  // namespace touchstone::wallet

int main(int argc, char** argv) {
  try {
    return touchstone::wallet::run(argc, argv);
  } catch (const touchstone::wallet::Failure& failure) {
    std::cerr << "touchstone-wallet: " << failure.text << "\n";
    return failure.exit_code;
  } catch (const std::exception& error) {  // boost's complaints about options
    std::cerr << "touchstone-wallet: " << error.what() << "\n";
    return touchstone::wallet::kWrongUse;
  }
}
