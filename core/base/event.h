// Events: what happened, when. Every event type is declared once in core/contract/events.jsonc and generated as a struct
// with its fields; a model emits the struct, a sink receives name and fields in declared order. Host only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace touchstone {

struct EventField {
  std::string_view name;
  std::variant<std::int64_t, std::string_view> value;
};

class EventSink {
 public:
  virtual ~EventSink() = default;
  /// One event at virtual time `time_ns`; the views are valid during the call only.
  virtual void receive(std::int64_t time_ns, std::string_view name, const std::vector<EventField>& fields) = 0;

  /// Emit a generated event struct (namespace touchstone::events).
  template <typename Event>
  void emit(std::int64_t time_ns, const Event& event) {
    std::vector<EventField> fields;
    event.visit([&](std::string_view field, const auto& value) { fields.push_back({field, value}); });
    receive(time_ns, Event::kName, fields);
  }
};

/// Keeps everything; for tests.
class RecordingSink : public EventSink {
 public:
  struct Record {
    std::int64_t time_ns;
    std::string name;
    std::vector<std::pair<std::string, std::variant<std::int64_t, std::string>>> fields;
    std::int64_t number(std::string_view field) const;  ///< TS_CHECKs that the field exists and is a number
    std::string text(std::string_view field) const;
  };
  void receive(std::int64_t time_ns, std::string_view name, const std::vector<EventField>& fields) override;
  const std::vector<Record>& records() const { return records_; }
  std::vector<Record> named(std::string_view name) const;

 private:
  std::vector<Record> records_;
};

}  // namespace touchstone
