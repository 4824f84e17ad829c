// Bitcoin transactions as views into the bytes they were parsed from. Freestanding: no copy, no heap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/result.h"

namespace touchstone::chain {

/// 21 million bitcoin: no amount or sum of amounts above it is accepted.
inline constexpr std::uint64_t kMaxMoneySat = 2'100'000'000'000'000;
/// Longest transaction accepted. Bounds the host's work; a message to the card is far shorter.
inline constexpr std::size_t kMaxTransactionBytes = 100'000;

/// CompactSize; sets `bad` on a non-canonical (longer than needed) or truncated form and returns 0 then.
std::uint64_t read_compact_size(ByteReader& reader, bool& bad);
void write_compact_size(ByteWriter& writer, std::uint64_t value);
/// CompactSize length, then that many bytes. Sets `bad` when they are not there.
Bytes read_var_bytes(ByteReader& reader, bool& bad);
void write_var_bytes(ByteWriter& writer, Bytes bytes);

struct TxInput {
  Bytes txid;  ///< 32 bytes in the order they are serialised; block explorers print the reverse
  std::uint32_t vout = 0;
  Bytes script_sig;
  std::uint32_t sequence = 0;
  Bytes serialised;  ///< the whole input as it stands in the transaction
};

struct TxOutput {
  std::uint64_t amount_sat = 0;
  Bytes script;
  Bytes serialised;  ///< the whole output as it stands in the transaction
};

/// Reads one element; on already validated bytes it cannot fail.
TxInput read_tx_input(ByteReader& reader, bool& bad);
/// Amounts above kMaxMoneySat set `bad`.
TxOutput read_tx_output(ByteReader& reader, bool& bad);

/// Forward range over validated, consecutive elements: `for (const TxInput& input : tx.inputs())`.
template <typename T, T (*read)(ByteReader&, bool&)>
class ElementRange {
 public:
  class Iterator {
   public:
    Iterator(Bytes bytes, std::size_t left) : reader_(bytes), left_(left) { advance(); }
    const T& operator*() const { return current_; }
    const T* operator->() const { return &current_; }
    Iterator& operator++() {
      --left_;
      advance();
      return *this;
    }
    bool operator!=(const Iterator& other) const { return left_ != other.left_; }

   private:
    void advance() {
      bool bad = false;
      if (left_ > 0) current_ = read(reader_, bad);
    }
    ByteReader reader_;
    std::size_t left_;
    T current_{};
  };
  ElementRange(Bytes bytes, std::size_t count) : bytes_(bytes), count_(count) {}
  Iterator begin() const { return Iterator(bytes_, count_); }
  Iterator end() const { return Iterator({}, 0); }
  std::size_t size() const { return count_; }
  /// Element i < size(); walks there.
  T operator[](std::size_t i) const {
    Iterator it = begin();
    while (i-- > 0) ++it;
    return *it;
  }

 private:
  Bytes bytes_;
  std::size_t count_;
};
using TxInputs = ElementRange<TxInput, read_tx_input>;
using TxOutputs = ElementRange<TxOutput, read_tx_output>;

/// A parsed transaction. It views the bytes given to parse(): they must outlive it.
class Transaction {
 public:
  enum class Format : std::uint8_t {
    kAny,        ///< BIP144 marker and flag decide
    kNoWitness,  ///< never read as segwit: what BIP174 demands of the unsigned transaction
  };
  /// Parses the whole of `untrusted_bytes`. Errors: kBadFormat (truncated, trailing bytes, non-canonical sizes, no inputs
  /// or outputs, an all-empty witness), kTooLarge, kOutOfRange (amounts).
  static Result<Transaction> parse(Bytes untrusted_bytes, Format format = Format::kAny);

  std::uint32_t version() const { return version_; }
  std::uint32_t lock_time() const { return lock_time_; }
  TxInputs inputs() const { return {inputs_, input_count_}; }
  TxOutputs outputs() const { return {outputs_, output_count_}; }
  bool has_witness() const { return !witnesses_.empty(); }
  /// Item `item` of the witness stack of input `input`; empty where there is none.
  Bytes witness_item(std::size_t input, std::size_t item) const;
  /// Double SHA-256 of the transaction without witness, in serialised order (print it reversed).
  ByteArray<32> txid() const;
  /// Sum of all outputs. Errors: kOutOfRange above kMaxMoneySat.
  Result<std::uint64_t> output_sum_sat() const;
  /// Counts, inputs and outputs as they stand between version and witnesses or lock time.
  Bytes body() const { return body_; }

 private:
  std::uint32_t version_ = 0;
  std::uint32_t lock_time_ = 0;
  std::size_t input_count_ = 0;
  std::size_t output_count_ = 0;
  Bytes body_;
  Bytes inputs_;
  Bytes outputs_;
  Bytes witnesses_;
};

/// Serialises `unsigned_tx` (BIP144) with a key-path witness: one item, a 64- or 65-byte signature, for each input.
/// Returns the part of `buffer` used. Errors: kMismatch (number of signatures), kTooLarge.
Result<Bytes> serialise_signed(const Transaction& unsigned_tx, std::span<const Bytes> signatures, MutableBytes buffer);

/// The items of one input's witness.
using WitnessStack = std::span<const Bytes>;
/// The same with any witnesses, one for each input.
Result<Bytes> serialise_witnesses(const Transaction& unsigned_tx, std::span<const WitnessStack> witnesses,
                                  MutableBytes buffer);

}  // namespace touchstone::chain
