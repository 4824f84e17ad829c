#include "nets/touches.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <exception>
#include <mutex>
#include <numbers>
#include <optional>
#include <sstream>
#include <thread>

#include "crypto/sha256.h"
#include "nets/bad_input.h"
#include "nets/files.h"
#include "prints/impression.h"

namespace touchstone::nets {
namespace {

constexpr int kShardFingers = 25;
constexpr char kMagic[] = "TSTC0001";
constexpr std::size_t kHeadBytes = 8 + 32 + 4;  // magic, digest of the key, touches
constexpr std::size_t kDigestBytes = 32;

struct TouchHead {
  std::uint32_t finger;
  std::uint8_t kind;
  std::uint8_t minutiae;
  std::uint16_t reserved;
};
static_assert(sizeof(TouchHead) == 8);

std::uint8_t direction_byte(double radians) { return static_cast<std::uint8_t>(static_cast<int>(std::lround(radians * 128 / std::numbers::pi)) & 255); }

MinutiaRecord record(const FoundMinutia& found, const prints::Mapping& mapping) {
  MinutiaRecord r;
  r.x_q2 = found.x_q2;
  r.y_q2 = found.y_q2;
  r.direction = found.direction;
  r.quality = found.quality;
  std::copy(found.patch.begin(), found.patch.end(), r.patch);
  const double turn = found.direction * std::numbers::pi / 128;
  const double x = found.x_q2 / 4.0, y = found.y_q2 / 4.0;
  const prints::Point here = mapping.to_finger({x, y});
  const prints::Point ahead = mapping.to_finger({x + 4 * std::cos(turn), y + 4 * std::sin(turn)});
  r.finger_x_px = static_cast<std::int16_t>(std::lround(here.x));
  r.finger_y_px = static_cast<std::int16_t>(std::lround(here.y));
  r.finger_direction = direction_byte(std::atan2(ahead.y - here.y, ahead.x - here.x));
  return r;
}

/// The fingers [first, first + fingers) of `data`, as the bytes of a file.
std::string make_shard(const Experiment::Data& data, const FrontEnd& front_end, const std::string& key, int first, int fingers) {
  std::string out(kMagic, 8);
  const auto key_digest = crypto::sha256(as_bytes(key));
  out.append(reinterpret_cast<const char*>(key_digest.data()), key_digest.size());
  const auto touches = static_cast<std::uint32_t>(fingers * data.impressions);
  out.append(reinterpret_cast<const char*>(&touches), sizeof touches);
  // What an earlier finger left on the glass: the last picture of the same kind of sensor.
  std::array<GreyImage, 5> glass{};
  for (int f = first; f < first + fingers; ++f) {
    const SeedTree seed = SeedTree(data.seed).child(static_cast<std::uint64_t>(f));
    const prints::Finger finger = prints::Finger::make(seed);
    // A sensor of finer pitch makes a larger finger. Figures are of fingers as they are.
    const bool held_out = f >= data.fingers - data.held_out;
    const double scale = held_out ? 1 : std::exp(seed.stream("scale").uniform(-data.scale, data.scale));
    std::array<GreyImage, 5> left = glass;
    for (int i = 0; i < data.impressions; ++i) {
      const SeedTree touch = seed.child("touch").child(static_cast<std::uint64_t>(i));
      double share = touch.stream("kind").uniform();
      std::size_t k = 0;
      while (k < 4 && share >= data.kinds[k]) share -= data.kinds[k++];
      const auto kind = static_cast<prints::SensorKind>(k);
      auto unit = prints::SensorUnit::draw(kind, touch.child("unit"));
      unit.dpi *= scale;
      const auto conditions = prints::Conditions::draw(finger, kind, touch);
      const bool stained = glass[k].width_px == unit.width_px && glass[k].height_px == unit.height_px;
      GreyImage picture = prints::picture(finger, conditions, unit, stained ? &glass[k] : nullptr);
      const prints::Mapping mapping(conditions, finger.skin(), unit);
      std::vector<FoundMinutia> found = front_end.analyse(picture);
      if (found.size() > 255) found.resize(255);
      const TouchHead head{static_cast<std::uint32_t>(f), static_cast<std::uint8_t>(k), static_cast<std::uint8_t>(found.size()), 0};
      out.append(reinterpret_cast<const char*>(&head), sizeof head);
      for (const FoundMinutia& m : found) {
        const MinutiaRecord r = record(m, mapping);
        out.append(reinterpret_cast<const char*>(&r), sizeof r);
      }
      left[k] = std::move(picture);
    }
    glass = std::move(left);
  }
  const auto digest = crypto::sha256(as_bytes(out));
  out.append(reinterpret_cast<const char*>(digest.data()), digest.size());
  return out;
}

struct Mapped {
  void* at = MAP_FAILED;
  std::size_t size = 0;
  Mapped() = default;
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  ~Mapped() {
    if (at != MAP_FAILED) ::munmap(at, size);
  }
};

/// The touches of a file, in `out`; false where it is absent, torn or of other data.
bool load_shard(const std::filesystem::path& path, const std::string& key, std::vector<Touch>& out, std::shared_ptr<const void>& owner) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  auto mapped = std::make_shared<Mapped>();
  struct stat status {};
  if (::fstat(file, &status) == 0 && status.st_size > 0) {
    mapped->size = static_cast<std::size_t>(status.st_size);
    mapped->at = ::mmap(nullptr, mapped->size, PROT_READ, MAP_PRIVATE, file, 0);
  }
  ::close(file);
  if (mapped->at == MAP_FAILED || mapped->size < kHeadBytes + kDigestBytes) return false;
  const auto* bytes = static_cast<const char*>(mapped->at);
  const std::size_t end = mapped->size - kDigestBytes;
  const auto key_digest = crypto::sha256(as_bytes(key));
  const auto digest = crypto::sha256(as_bytes({bytes, end}));
  if (std::memcmp(bytes, kMagic, 8) != 0 || std::memcmp(bytes + 8, key_digest.data(), 32) != 0 || std::memcmp(bytes + end, digest.data(), kDigestBytes) != 0) return false;
  std::uint32_t touches = 0;
  std::memcpy(&touches, bytes + 40, sizeof touches);
  std::size_t at = kHeadBytes;
  for (std::uint32_t i = 0; i < touches; ++i) {
    TouchHead head{};
    if (end - at < sizeof head) return false;
    std::memcpy(&head, bytes + at, sizeof head);
    at += sizeof head;
    if ((end - at) / sizeof(MinutiaRecord) < head.minutiae) return false;
    out.push_back({head.finger, head.kind, {reinterpret_cast<const MinutiaRecord*>(bytes + at), head.minutiae}});
    at += head.minutiae * sizeof(MinutiaRecord);
  }
  owner = mapped;
  return at == end;
}

}  // namespace

void TouchSet::add(std::uint32_t finger, std::uint8_t kind, std::span<const MinutiaRecord> minutiae) {
  auto copy = std::make_shared<std::vector<MinutiaRecord>>(minutiae.begin(), minutiae.end());
  touches_.push_back({finger, kind, *copy});
  owners_.push_back(copy);
}

void TouchSet::add(Touch touch, std::shared_ptr<const void> owner) {
  touches_.push_back(touch);
  if (owners_.empty() || owners_.back() != owner) owners_.push_back(std::move(owner));
}

std::string front_end_digest(const FrontEnd& front_end) {
  const SeedTree seed = SeedTree(0x7072'6f62'65).child("front end");
  const prints::Finger finger = prints::Finger::make(seed);
  crypto::Sha256 digest;
  for (const auto kind : {prints::SensorKind::kOptical, prints::SensorKind::kSweep, prints::SensorKind::kCard}) {
    const SeedTree touch = seed.child(static_cast<std::uint64_t>(kind));
    const GreyImage picture = prints::picture(finger, prints::Conditions::draw(finger, kind, touch), prints::SensorUnit::draw(kind, touch.child("unit")));
    digest.update(picture.pixels);
    for (const FoundMinutia& m : front_end.analyse(picture)) {
      for (const std::int16_t n : {m.x_q2, m.y_q2, std::int16_t{m.direction}, std::int16_t{m.quality}}) digest.update_be32(static_cast<std::uint32_t>(n));
      digest.update({reinterpret_cast<const std::uint8_t*>(m.patch.data()), m.patch.size()});
    }
  }
  return to_hex(digest.finish());
}

TouchSet open_touches(const Experiment::Data& data, const FrontEnd& front_end, const std::filesystem::path& folder, int threads, const CacheProgress& progress) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw BadInput(folder.string() + ": cannot be made");
  const FolderLock lock(folder, true);  // whoever comes second finds everything ready
  std::ostringstream common;
  common << "population " << prints::population_hash() << " front end " << front_end_digest(front_end) << " seed " << data.seed << " impressions " << data.impressions << " kinds";
  for (const double share : data.kinds) common << ' ' << share;
  common << " scale " << data.scale;

  struct Shard {
    int first = 0, fingers = 0;
    std::string key;
    std::filesystem::path path;
    std::vector<Touch> touches;
    std::shared_ptr<const void> owner;
  };
  std::vector<Shard> shards;
  for (int first = 0; first < data.fingers; first += kShardFingers) {
    Shard& s = shards.emplace_back();
    s.first = first;
    s.fingers = std::min(kShardFingers, data.fingers - first);
    s.key = common.str() + " fingers " + std::to_string(first) + " to " + std::to_string(first + s.fingers) + " held out from " + std::to_string(std::clamp(data.fingers - data.held_out, first, first + s.fingers));
    std::string number = std::to_string(first);
    number.insert(0, 6 - std::min<std::size_t>(6, number.size()), '0');
    s.path = folder / ("touches-" + number + "-" + digest_of(s.key).substr(0, 16) + ".bin");
  }

  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;  // of all below
  std::size_t done = 0, ready = 0;
  std::exception_ptr failure;
  const auto work = [&] {
    try {
      for (std::size_t i = next++; i < shards.size() && !failed; i = next++) {
        Shard& s = shards[i];
        const bool found = load_shard(s.path, s.key, s.touches, s.owner);
        if (!found) {
          s.touches.clear();
          write_whole(s.path, make_shard(data, front_end, s.key, s.first, s.fingers));
          if (!load_shard(s.path, s.key, s.touches, s.owner)) throw BadInput(s.path.string() + ": cannot be read back");
        }
        const std::lock_guard guard(mutex);
        done += s.touches.size();
        if (found) ready += s.touches.size();
        if (progress) progress(done, ready, static_cast<std::size_t>(data.fingers) * static_cast<std::size_t>(data.impressions));
      }
    } catch (...) {
      const std::lock_guard guard(mutex);
      failed = true;
      failure = std::current_exception();
    }
  };
  std::vector<std::thread> others;
  for (int t = 1; t < threads; ++t) others.emplace_back(work);
  work();
  for (std::thread& t : others) t.join();
  if (failure) std::rethrow_exception(failure);

  TouchSet out;
  for (Shard& s : shards) {
    for (const Touch& touch : s.touches) out.add(touch, s.owner);
  }
  return out;
}

}  // namespace touchstone::nets
