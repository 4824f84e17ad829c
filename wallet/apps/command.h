// What every verb of touchstone-wallet is made of: its options, how it ends, and the sentence it ends with.
#pragma once

#include <boost/program_options.hpp>

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/curve.h"
#include "wallet/encoding.h"
#include "wallet/wallet.h"

namespace touchstone::wallet {

inline constexpr int kOk = 0;
inline constexpr int kRefused = 1;  ///< a signature does not verify, a payment would be refused, a face does not open the record
inline constexpr int kWrongUse = 2;

/// Ends a command with a sentence for the user.
struct Failure {
  int exit_code;
  std::string text;
};

[[noreturn]] inline void stop(int exit_code, std::string text) { throw Failure{exit_code, std::move(text)}; }

template <typename T>
T take(Result<T> result, int exit_code = kWrongUse) {
  if (!result) stop(exit_code, result.error().what);
  return std::move(result).value();
}

inline void check(Status status, int exit_code = kWrongUse) {
  if (!status) stop(exit_code, status.error().what);
}

using Words = std::vector<std::string>;

/// The options of one verb. What is wrong with them ends the program with kWrongUse: as Failure, or as an exception of Boost's.
class Command {
 public:
  explicit Command(std::string name) : name_(std::move(name)) {}

  boost::program_options::options_description_easy_init options() { return description_.add_options(); }
  void add_account_options(bool required);
  /// `positional`: the option that words without a name are, once or, with `many`, as often as there are (std::vector<std::string>).
  void parse(const Words& words, const char* positional = nullptr, bool many = false);

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
  /// The wallet of the account options with the secret of --secret-file, paired where a card key is given.
  std::unique_ptr<Wallet> wallet(crypto::Curve& curve) const;
  /// The same with another secret.
  std::unique_ptr<Wallet> wallet_of(const Secret<32>& secret, crypto::Curve& curve) const;
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  boost::program_options::options_description description_;
  boost::program_options::variables_map values_;
  bool account_required_ = false;
};

}  // namespace touchstone::wallet
