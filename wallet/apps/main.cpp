// touchstone-wallet: the Wallet Device's program, usable without the simulator.
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
#include "face_command.h"
#include "wallet/command.h"
#include "wallet/encoding.h"
#include "wallet/secret_file.h"
#include "wallet/simulate.h"
#include "wallet/wallet.h"

namespace po = boost::program_options;

namespace touchstone::wallet {
namespace {

constexpr const char* kUsage =
    "touchstone-wallet new     --secret-file FILE\n"
    "touchstone-wallet key     --secret-file FILE [ACCOUNT]\n"
    "touchstone-wallet address --secret-file FILE --card-key HEX [ACCOUNT] [--change] [--index N]\n"
    "touchstone-wallet inspect PSBT [--secret-file FILE --card-key HEX [ACCOUNT]]\n"
    "touchstone-wallet verify  --key HEX --message HEX --signature HEX\n"
    "touchstone-wallet face enrol   --record FILE --secret-file FILE [--bio-program PATH] [ACCOUNT] PICTURE...\n"
    "touchstone-wallet face recover --record FILE --secret-file FILE [--bio-program PATH] [ACCOUNT] PICTURE...\n"
    "\n"
    "ACCOUNT: --network main|test|signet|regtest (regtest), --account N (0), --epoch N (0),\n"
    "         --signing musig2|dkls23|lindell17 (musig2: Taproot; the others: ECDSA, P2WPKH)\n"
    "--key: 32 bytes, x-only, of a BIP340 signature; 33, compressed, of ECDSA (then --signature is r and s)\n"
    "PSBT: a file, binary or Base64, or the Base64 text itself\n"
    "face enrol: a new secret, and a record that a later picture of this face makes it from again; five pictures, of several moments\n"
    "face recover: the secret, from the record and pictures of the face, best three; both write FILE anew and print the wallet's key\n"
    "PICTURE: a file, or shipped:FACE:CAPTURE, as touchstone-bio takes it; PATH: touchstone-bio, if it is not beside this program\n"
    "Exit codes: 0 done, 1 the signature does not verify, the payment would be refused or the face does not open the record,\n"
    "  2 wrong use or bad input\n";

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
  print_review(take(chain::review(bytes, account, curve), kRefused));
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
    check(crypto::host_ecdsa_verify(curve, take(crypto::decompress(curve, command.get_hex<33>("key"))), message, signature), kRefused);
  } else {
    check(crypto::schnorr_verify(command.get_hex<32>("key"), message, signature), kRefused);
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
  if (name == "face") return run_face(words);
  // Not in the usage: no person types it.
  if (name == "simulate") {
    if (const std::string why = simulate(); !why.empty()) stop(kWrongUse, "simulate: " + why);
    return kOk;
  }
  stop(kWrongUse, "no command '" + name + "': new, key, address, inspect, verify or face; --help tells more");
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
