// Every field a scenario may have: the one table behind reader, messages and documentation.
#pragma once

#include "sim/yaml_table.h"

namespace touchstone::sim {

inline constexpr std::int64_t kSecond = 1'000'000'000;
inline constexpr std::int64_t kMaxMoneySat = 2'100'000'000'000'000;

inline constexpr FieldRow kScenarioFields[] = {
    {"touchstone", FieldType::kInteger, true, "format version", 1, 1},
    {"name", FieldType::kName, true, "names the run folder"},
    {"base", FieldType::kText, false, "another scenario file; sections not given here are taken from it"},
    {"title", FieldType::kText, true, "what happens, in one line"},
    {"seed", FieldType::kInteger, false, "of every random draw; default 1", 0, INT64_MAX},
    {"timeout", FieldType::kDuration, false, "the run ends here at the latest; default 60 s", 1, 3600 * kSecond},
    {"settle", FieldType::kDuration, false, "the run goes on so long after the last step and expectation; default 300 ms", 0, 600 * kSecond},
    {"card", FieldType::kMap, false, "the biometric card"},
    {"card.sensor", FieldType::kMap, false, "its fingerprint sensor"},
    {"card.sensor.width_px", FieldType::kInteger, true, "pixel array", 160, 320},
    {"card.sensor.height_px", FieldType::kInteger, true, "pixel array", 160, 320},
    {"card.sensor.noise_levels", FieldType::kInteger, false, "standard deviation of the pixel noise in grey levels; default 0", 0, 40},
    {"link", FieldType::kMap, false, "the Bluetooth LE link between wallet and card"},
    {"link.phy", FieldType::kChoice, false, "default 2M", 0, 0, "1M 2M"},
    {"link.payload_bytes", FieldType::kChoice, false, "link layer payload; default 251", 0, 0, "27 251"},
    {"link.interval", FieldType::kDuration, false, "connection interval; default 15 ms", 7'500'000, 4 * kSecond},
    {"link.loss", FieldType::kPercent, false, "packets lost on the air; default 0 %", 0, 900'000},
    {"link.supervision_timeout", FieldType::kDuration, false, "default 2 s", 100'000'000, 32 * kSecond},
    {"link.advertising_interval", FieldType::kDuration, false, "default 30 ms", 20'000'000, 10 * kSecond},
    {"people", FieldType::kNamedMap, true, "who takes part"},
    {"people.*", FieldType::kNamedMap, false, "a person's fingers"},
    {"people.*.*", FieldType::kMap, false, "one finger: generated or image"},
    {"people.*.*.generated", FieldType::kInteger, false, "number of a generated finger", 0, 1'000'000'000},
    {"people.*.*.spread", FieldType::kPercent, false, "of a generated finger: how differently it is laid down each time; default 100 %", 0, 2'000'000},
    {"people.*.*.image", FieldType::kText, false, "a PNG, relative to this file or under $TOUCHSTONE_DATA; {impression} is replaced"},
    {"people.*.*.jitter_px", FieldType::kInteger, false, "each contact is shifted by up to so much; default 0", 0, 60},
    {"people.*.*.jitter_degrees", FieldType::kInteger, false, "each contact is turned by up to so much; default 0", 0, 45},
    {"enrolment", FieldType::kMap, true, "done by the card before time zero"},
    {"enrolment.finger", FieldType::kText, true, "person.finger"},
    {"enrolment.touches", FieldType::kInteger, false, "default 4", 1, 8},
    {"enrolment.first_impression", FieldType::kInteger, false, "default 1", 0, 1000},
    {"wallet", FieldType::kMap, true, "the payment"},
    {"wallet.network", FieldType::kChoice, false, "default regtest", 0, 0, "regtest test signet main"},
    {"wallet.account", FieldType::kInteger, false, "BIP86 account; default 0", 0, 1000},
    {"wallet.spends", FieldType::kMap, true, "the spent output; its script is the wallet's own first address"},
    {"wallet.spends.txid", FieldType::kHex32, true, "as block explorers show it"},
    {"wallet.spends.vout", FieldType::kInteger, false, "default 0", 0, 100'000},
    {"wallet.spends.amount", FieldType::kAmount, true, "", 1, kMaxMoneySat},
    {"wallet.pays", FieldType::kList, true, "outputs; what is left after the fee returns as change"},
    {"wallet.pays[].address", FieldType::kText, true, "recipient"},
    {"wallet.pays[].amount", FieldType::kAmount, true, "", 1, kMaxMoneySat},
    {"wallet.fee", FieldType::kAmount, true, "", 0, kMaxMoneySat},
    {"steps", FieldType::kList, true, "carried out one after the other; each waits for its trigger, then for 'after'"},
    {"steps[].on", FieldType::kText, false, "an event (core/contract/events.jsonc) since the step before"},
    {"steps[].where", FieldType::kEventFields, false, "values its fields must have"},
    {"steps[].at", FieldType::kDuration, false, "or a time since time zero", 0, 3600 * kSecond},
    {"steps[].after", FieldType::kDuration, false, "then wait so long; default 0 s", 0, 600 * kSecond},
    {"steps[].wallet", FieldType::kChoice, false, "sign: connect if needed and send the payment to the card", 0, 0, "sign"},
    {"steps[].touch", FieldType::kMap, false, "a finger is laid on the sensor and lifted again"},
    {"steps[].touch.finger", FieldType::kText, true, "person.finger"},
    {"steps[].touch.impression", FieldType::kInteger, false, "default 1", 0, 1000},
    {"steps[].touch.for", FieldType::kDuration, true, "how long it stays", 1'000'000, 600 * kSecond},
    {"steps[].radio", FieldType::kChoice, false, "the air between wallet and card", 0, 0, "cut restore"},
    {"steps[].power", FieldType::kChoice, false, "the card's supply", 0, 0, "cut restore"},
    {"expect", FieldType::kList, true, "all must hold for the verdict pass"},
    {"expect[].event", FieldType::kText, false, "an event that must happen"},
    {"expect[].never", FieldType::kText, false, "an event that must not happen"},
    {"expect[].where", FieldType::kEventFields, false, "values its fields must have"},
    {"expect[].count", FieldType::kInteger, false, "at least so often; default 1", 1, 1'000'000},
    {"expect[].within", FieldType::kDuration, false, "not later than this after time zero", 0, 3600 * kSecond},
};

}  // namespace touchstone::sim
