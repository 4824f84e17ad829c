// User: the owner who confirms a payment on the card. He knows what he means to pay - from the scenario, not from the wallet -
// and answers only what stands on the glass.
#pragma once

#include <systemc.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/event.h"
#include "display/memory_lcd.h"
#include "sim/person.h"
#include "sim/scenario.h"

namespace touchstone::sim {

/// What the card must show, page by page, for the payment the owner means.
class IntendedPages {
 public:
  /// `guest`: on a borrowed card, which says on every page that the record is another card's.
  IntendedPages(const Scenario& scenario, bool guest);

  using Picture = models::MemoryLcd::Picture;
  std::size_t count() const { return pages_.size(); }
  bool is_page(std::size_t page, const Picture& glass) const;
  /// Whether the card asks for an answer: its bottom line says so, whatever stands above.
  enum class Asks : std::uint8_t { kNothing, kTap, kHold };
  Asks asks(const Picture& glass) const;

 private:
  struct Page {
    std::vector<Picture> variants;  // the page as it first comes, then with each advice below
  };
  std::vector<Page> pages_;
  std::vector<Picture> tap_lines_, hold_lines_;
};

/// Taps through the pages and holds on the last, each after the page stood for the reading time. The first page that is not
/// the one he means makes him put the card down for good, and so does a glass without anything to confirm. Every answer is
/// a contact of its own impression, counted up as far as there are pictures. Emits user.reads {page, verdict} and user.refuses {why}.
class User : public sc_core::sc_module {
 public:
  User(sc_core::sc_module_name name, const Scenario& scenario, People& people, const models::MemoryLcd& display, EventSink& events);

  /// Takes the card in hand for one payment; whatever he was doing before is over. `guest`: he borrowed the card.
  void attend(const UserSpec& spec, bool guest = false);
  /// The card asks for this finger of a record of several (from 1) to go on: he lays down the one he means to be that.
  void next_finger(std::uint32_t number, sc_core::sc_time delay);
  /// Something about the card changed that an owner notices: the glass, or that it went dark.
  void notice(sc_core::sc_time delay);

 private:
  void run();
  void give_fingers();
  void confirm();
  /// One look at a glass that stood still; false when the user is done.
  bool look(std::size_t& page, bool& held);
  void answer(bool hold);
  void touch(const std::string& finger, std::int64_t duration_ns);
  void refuse(const std::string& why);

  const IntendedPages own_pages_, guest_pages_;
  const IntendedPages* pages_ = &own_pages_;  // of this turn
  People& people_;
  const models::MemoryLcd& display_;
  EventSink& events_;
  std::optional<UserSpec> spec_;
  std::uint64_t turn_ = 0;  // counts attend()
  int touches_ = 0;
  std::uint32_t wanted_finger_ = 0;
  sc_core::sc_event asked_, changed_, finger_wanted_;
};

}  // namespace touchstone::sim
