// The GDB protocol without sockets: frames, checksums, escapes, and every command against a target of the test's own.
#include "mcu/gdb_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>

#include "base/seed.h"
#include "mcu/gdb_packets.h"

namespace touchstone::models {
namespace {

using testing::HasSubstr;
using Kind = GdbPackets::Kind;

std::vector<GdbPackets::Item> feed(GdbPackets& packets, std::string_view bytes) {
  std::vector<GdbPackets::Item> items;
  for (char c : bytes)
    if (auto item = packets.feed(static_cast<std::uint8_t>(c))) items.push_back(*item);
  return items;
}

TEST(GdbPackets, FramesWithItsChecksum) {
  EXPECT_EQ(GdbPackets::frame("OK"), "$OK#9a");
  EXPECT_EQ(GdbPackets::frame(""), "$#00");
  EXPECT_EQ(GdbPackets::frame("a#b$c}d*"), std::string("$a}\x03" "b}\x04" "c}]d}\n#") + "ec");
}

TEST(GdbPackets, TakesPacketsAcksAndInterrupts) {
  GdbPackets packets;
  const auto items = feed(packets, "+$g#67-\x03$m20,4#33");
  ASSERT_EQ(items.size(), 5u);
  EXPECT_EQ(items[0].kind, Kind::kAck);
  EXPECT_EQ(items[1].kind, Kind::kPacket);
  EXPECT_EQ(items[1].payload, "g");
  EXPECT_EQ(items[2].kind, Kind::kNack);
  EXPECT_EQ(items[3].kind, Kind::kInterrupt);
  EXPECT_EQ(items[4].kind, Kind::kDamaged) << "the right checksum is 2f";
  EXPECT_FALSE(packets.inside_packet());
  EXPECT_EQ(feed(packets, "$m20,4#2f").at(0).payload, "m20,4");
}

TEST(GdbPackets, EveryByteSurvivesTheWay) {
  std::string payload;
  for (int i = 0; i < 256; ++i) payload += static_cast<char>(i);
  GdbPackets packets;
  const auto items = feed(packets, GdbPackets::frame(payload));
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].payload, payload);
}

TEST(GdbPackets, EveryDamagedByteIsNoticed) {
  const std::string frame = GdbPackets::frame("vCont;c:1");
  for (std::size_t at = 1; at < frame.size(); ++at) {
    std::string damaged = frame;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    GdbPackets packets;
    for (const auto& item : feed(packets, damaged)) EXPECT_NE(item.kind, Kind::kPacket) << damaged;
  }
}

TEST(GdbPackets, BeginsAnewAtTheNextDollarAndRefusesEndlessPackets) {
  GdbPackets packets;
  EXPECT_TRUE(feed(packets, "$cut of").empty());
  EXPECT_TRUE(packets.inside_packet());
  EXPECT_EQ(feed(packets, "$?#3f").at(0).payload, "?");
  EXPECT_EQ(feed(packets, "$" + std::string(GdbPackets::kMaxPacketBytes + 1, 'a')).at(0).kind, Kind::kGarbage);
  EXPECT_EQ(feed(packets, "GET").size(), 3u);
  EXPECT_EQ(feed(packets, "$a}#").size(), 0u);
}

class FakeTarget : public GdbTarget {
 public:
  FakeTarget() {
    for (unsigned i = 0; i <= kGdbPc; ++i) registers[i] = 0x1000 + i;
    registers[kGdbFirstCsr + 0x300] = 0x1800;
    registers[kGdbPrivilege] = 3;
    for (std::size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<std::uint8_t>(i);
  }
  bool read_register(unsigned number, std::uint32_t& value) override {
    if (!registers.contains(number)) return false;
    value = registers[number];
    return true;
  }
  bool write_register(unsigned number, std::uint32_t value) override {
    if (!registers.contains(number)) return false;
    registers[number] = value;
    return true;
  }
  bool read_memory(std::uint32_t address, MutableBytes out) override {
    if (!inside(address, out.size())) return false;
    std::memcpy(out.data(), memory.data() + (address - kBase), out.size());
    return true;
  }
  bool write_memory(std::uint32_t address, Bytes in) override {
    if (!inside(address, in.size())) return false;
    std::memcpy(memory.data() + (address - kBase), in.data(), in.size());
    return true;
  }
  std::string status() override { return "all well"; }

  static constexpr std::uint32_t kBase = 0x80000000;
  std::map<unsigned, std::uint32_t> registers;
  std::vector<std::uint8_t> memory = std::vector<std::uint8_t>(4096);

 private:
  bool inside(std::uint32_t address, std::size_t size) const { return address >= kBase && address - kBase + size <= memory.size(); }
};

class GdbSessionTest : public testing::Test {
 protected:
  std::string ask(std::string_view packet) {
    const auto answer = session.handle(packet);
    then = answer.then;
    return answer.reply.value_or("(none)");
  }
  /// Packets and their answers, in this order.
  void expect(std::initializer_list<std::pair<std::string_view, std::string_view>> conversation) {
    for (const auto& [packet, answer] : conversation) EXPECT_EQ(ask(packet), answer) << packet;
  }
  FakeTarget target;
  GdbSession session{target};
  GdbSession::Then then = GdbSession::Then::kStay;
};

TEST_F(GdbSessionTest, IntroducesItself) {
  EXPECT_THAT(ask("qSupported:multiprocess+;xmlRegisters=i386"), HasSubstr("PacketSize=1000;QStartNoAckMode+;qXfer:features:read+"));
  expect({{"vMustReplyEmpty", ""}, {"qAttached", "1"}, {"qC", "QC1"}, {"qfThreadInfo", "m1"},
          {"qsThreadInfo", "l"}, {"Hg0", "OK"}, {"?", "T05"}, {"vCont?", "vCont;c;C;s;S"}});
  EXPECT_FALSE(session.no_acks());
  EXPECT_EQ(ask("QStartNoAckMode"), "OK");
  EXPECT_TRUE(session.no_acks());
}

TEST_F(GdbSessionTest, DescribesTheHartInPieces) {
  std::string xml, piece;
  for (unsigned offset = 0; offset < 100'000; offset += 300) {
    char request[64];
    std::snprintf(request, sizeof request, "qXfer:features:read:target.xml:%x,%x", offset, 300u);
    piece = ask(request);
    xml += piece.substr(1);
    if (piece[0] == 'l') break;
  }
  EXPECT_EQ(piece[0], 'l');
  EXPECT_EQ(xml, gdb_target_description());
  for (const char* part : {"riscv:rv32", "org.gnu.gdb.riscv.cpu", "name=\"pc\" bitsize=\"32\" regnum=\"32\"", "name=\"mstatus\" bitsize=\"32\" regnum=\"833\"",
                           "name=\"pmpaddr15\" bitsize=\"32\" regnum=\"1024\"", "name=\"priv\" bitsize=\"32\" regnum=\"4161\""})
    EXPECT_THAT(xml, HasSubstr(part));
  EXPECT_EQ(ask("qXfer:features:read:target.xml:fffff,10"), "l");
  EXPECT_EQ(ask("qXfer:features:read:other.xml:0,10"), "");
}

TEST_F(GdbSessionTest, ReadsAndWritesRegisters) {
  EXPECT_EQ(ask("g").size(), 33u * 8);
  EXPECT_EQ(ask("g").substr(8, 8), "01100000");
  EXPECT_EQ(ask("p20"), "20100000");
  EXPECT_EQ(ask("p341"), "00180000") << "mstatus is register 65 + 0x300";
  EXPECT_EQ(ask("p1041"), "03000000") << "the privilege mode";
  EXPECT_EQ(ask("pfff"), "E16");
  EXPECT_EQ(ask("P5=78563412"), "OK");
  EXPECT_EQ(target.registers[5], 0x12345678u);
  EXPECT_EQ(ask("P5=123"), "E16");
  EXPECT_EQ(ask("Pfff=00000000"), "E16");
  std::string all;
  for (unsigned i = 0; i <= 32; ++i) all += "0000000" + std::to_string(i % 10);
  EXPECT_EQ(ask("G" + all), "OK");
  EXPECT_EQ(target.registers[32], 0x02000000u);
  EXPECT_EQ(ask("G00"), "E16");
}

TEST_F(GdbSessionTest, ReadsAndWritesMemoryOnly) {
  expect({{"m80000010,4", "10111213"}, {"m80000010,0", ""}, {"m40000000,4", "E01"},
          {"m80000ffe,4", "E01"}, {"m80000010", "E16"}, {"m80000010,fffffff", "E16"},
          {"M80000020,2:beef", "OK"}});
  EXPECT_EQ(target.memory[0x20], 0xBE);
  EXPECT_EQ(target.memory[0x21], 0xEF);
  expect({{"M80000020,2:be", "E16"}, {"M80000020,2:xxxx", "E16"}, {"M40000000,1:00", "E01"}});
  EXPECT_EQ(ask("X80000030,3:a:b"), "OK") << "binary data may hold anything, also ':'";
  EXPECT_EQ(target.memory[0x31], ':');
  EXPECT_EQ(ask("X80000030,0:"), "OK") << "how GDB asks whether X is known";
}

TEST_F(GdbSessionTest, SetsPoints) {
  EXPECT_FALSE(session.has_points());
  EXPECT_EQ(ask("Z0,20000010,2"), "OK");
  EXPECT_EQ(ask("Z1,20000020,4"), "OK");
  EXPECT_TRUE(session.has_points());
  EXPECT_TRUE(session.breaks_at(0x20000010));
  EXPECT_TRUE(session.breaks_at(0x20000020));
  EXPECT_FALSE(session.breaks_at(0x20000012));
  EXPECT_EQ(ask("z0,20000010,2"), "OK");
  EXPECT_FALSE(session.breaks_at(0x20000010));
  EXPECT_EQ(ask("z1,20000020,4"), "OK");
  EXPECT_FALSE(session.has_points());
  EXPECT_EQ(ask("Z5,0,0"), "") << "no such type";
  EXPECT_EQ(ask("Z0,zz,2"), "E16");
  EXPECT_EQ(ask("Z2,80000000,0"), "E16");
}

TEST_F(GdbSessionTest, WatchesWhatEachTypeSays) {
  ASSERT_EQ(ask("Z2,80000010,4"), "OK");
  EXPECT_EQ(session.watched(0x80000010, 4, true), "watch:80000010;");
  EXPECT_EQ(session.watched(0x80000012, 1, true), "watch:80000012;");
  EXPECT_EQ(session.watched(0x8000000F, 2, true), "watch:80000010;") << "overlaps from below";
  EXPECT_FALSE(session.watched(0x80000010, 4, false));
  EXPECT_FALSE(session.watched(0x80000014, 4, true));
  EXPECT_FALSE(session.watched(0x8000000C, 4, true));
  ASSERT_EQ(ask("z2,80000010,4"), "OK");
  ASSERT_EQ(ask("Z3,80000010,4"), "OK");
  EXPECT_EQ(session.watched(0x80000010, 4, false), "rwatch:80000010;");
  EXPECT_FALSE(session.watched(0x80000010, 4, true));
  ASSERT_EQ(ask("Z4,fffffffc,4"), "OK");
  EXPECT_EQ(session.watched(0xFFFFFFFF, 1, true), "awatch:ffffffff;") << "the last byte of all";
}

TEST_F(GdbSessionTest, PointsAreLimited) {
  std::string last;
  for (unsigned i = 0; i < 2000; ++i) {
    char request[32];
    std::snprintf(request, sizeof request, "Z0,%x,2", 0x20000000 + 2 * i);
    last = ask(request);
  }
  EXPECT_EQ(last, "E1c");
}

TEST_F(GdbSessionTest, ResumesInEveryWay) {
  using Then = GdbSession::Then;
  for (const auto& [packet, expected] : std::initializer_list<std::pair<const char*, Then>>{
           {"c", Then::kContinue}, {"s", Then::kStep}, {"C05", Then::kContinue}, {"S05", Then::kStep}, {"vCont;c", Then::kContinue}, {"vCont;s:1;c", Then::kStep},
           {"vCont;C05:1", Then::kContinue}, {"R00", Then::kReset}, {"k", Then::kKill}}) {
    EXPECT_EQ(ask(packet), "(none)") << packet;
    EXPECT_EQ(then, expected) << packet;
  }
  EXPECT_EQ(ask("D"), "OK");
  EXPECT_EQ(then, Then::kLeave);
  EXPECT_EQ(ask("vKill;1"), "OK");
  EXPECT_EQ(then, Then::kKill);
  EXPECT_EQ(ask("c20000100"), "(none)");
  EXPECT_EQ(target.registers[kGdbPc], 0x20000100u);
  EXPECT_EQ(ask("C05;20000104"), "(none)");
  EXPECT_EQ(target.registers[kGdbPc], 0x20000104u);
  EXPECT_EQ(ask("cnowhere"), "E16");
  EXPECT_EQ(then, Then::kStay);
}

TEST_F(GdbSessionTest, MonitorResetsAndTells) {
  const auto monitor = [&](std::string_view command) { return from_hex(ask("qRcmd," + to_hex(command))).value_or("?"); };
  EXPECT_EQ(monitor("status"), "all well\n");
  EXPECT_THAT(monitor("help"), HasSubstr("reset, status"));
  EXPECT_EQ(then, GdbSession::Then::kStay);
  EXPECT_THAT(monitor("reset"), HasSubstr("before its first instruction"));
  EXPECT_EQ(then, GdbSession::Then::kReset);
  EXPECT_EQ(ask("qRcmd,1"), "E16");
}

TEST_F(GdbSessionTest, TellsWhyItStopped) {
  session.stopped(2);
  EXPECT_EQ(ask("?"), "T02");
  session.stopped(5, "watch:80000010;");
  EXPECT_EQ(ask("?"), "T05watch:80000010;");
}

TEST_F(GdbSessionTest, AnswersAnythingWithoutHarm) {
  Random random = SeedTree(3).stream("mcu/gdb");
  static constexpr char kAlphabet[] = "gGpPmMXcsCSvZzqQRDk?!HT0123456789abcdef,;:=#$}-.";
  for (int i = 0; i < 50'000; ++i) {
    std::string packet;
    for (std::uint64_t n = random.below(24); n > 0; --n)
      packet += random.below(8) == 0 ? static_cast<char>(random.below(256)) : kAlphabet[random.below(sizeof kAlphabet - 1)];
    const auto answer = session.handle(packet);
    EXPECT_LE(answer.reply.value_or("").size(), GdbPackets::kMaxPacketBytes);
  }
}

}  // namespace
}  // namespace touchstone::models
