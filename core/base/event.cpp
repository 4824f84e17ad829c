#include "base/event.h"

#include "base/check.h"

namespace touchstone {

std::int64_t RecordingSink::Record::number(std::string_view field) const {
  for (const auto& [key, value] : fields)
    if (key == field && std::holds_alternative<std::int64_t>(value)) return std::get<std::int64_t>(value);
  TS_CHECK(false, "the event has no such number");
}

std::string RecordingSink::Record::text(std::string_view field) const {
  for (const auto& [key, value] : fields)
    if (key == field && std::holds_alternative<std::string>(value)) return std::get<std::string>(value);
  TS_CHECK(false, "the event has no such text");
}

void RecordingSink::receive(std::int64_t time_ns, std::string_view name, const std::vector<EventField>& fields) {
  Record record{time_ns, std::string(name), {}};
  for (const EventField& field : fields) {
    if (const auto* text = std::get_if<std::string_view>(&field.value))
      record.fields.emplace_back(field.name, std::string(*text));
    else
      record.fields.emplace_back(field.name, std::get<std::int64_t>(field.value));
  }
  records_.push_back(std::move(record));
}

std::vector<RecordingSink::Record> RecordingSink::named(std::string_view name) const {
  std::vector<Record> out;
  for (const Record& record : records_)
    if (record.name == name) out.push_back(record);
  return out;
}

}  // namespace touchstone
