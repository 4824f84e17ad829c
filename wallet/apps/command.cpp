#include "wallet/command.h"

#include <cctype>

#include "base/system_entropy.h"
#include "wallet/secret_file.h"

namespace po = boost::program_options;

namespace touchstone::wallet {

void Command::add_account_options(bool required) {
  options()("secret-file", po::value<std::string>(), "")("card-key", po::value<std::string>(), "")(
      "network", po::value<std::string>()->default_value("regtest"), "")(
      "account", po::value<std::uint32_t>()->default_value(0), "")("epoch", po::value<std::uint32_t>()->default_value(0), "")(
      "signing", po::value<std::string>()->default_value("musig2"), "");
  account_required_ = required;
}

void Command::parse(const Words& words, const char* positional, bool many) {
  po::positional_options_description places;
  if (positional != nullptr) places.add(positional, many ? -1 : 1);
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

std::unique_ptr<Wallet> Command::wallet(crypto::Curve& curve) const { return wallet_of(take(read_secret_file(get("secret-file"))), curve); }

std::unique_ptr<Wallet> Command::wallet_of(const Secret<32>& secret, crypto::Curve& curve) const {
  const std::string signing = get("signing");
  const auto scheme = account_scheme_from_string(signing);
  if (!scheme) stop(kWrongUse, name_ + ": --signing is musig2, dkls23 or lindell17, not '" + signing + "'");
  const WalletConfig config{take(chain::network_from_string(get("network"))), get<std::uint32_t>("account"), get<std::uint32_t>("epoch"), *scheme};
  auto wallet = take(Wallet::create(config, secret, curve, fill_from_system));
  if (has("card-key") || account_required_) check(wallet->restore_pairing(get_hex<33>("card-key")));
  return wallet;
}

}  // namespace touchstone::wallet
