#include "bio/face_data.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <regex>
#include <sstream>
#include <thread>

#include "bio/bad_input.h"
#include "face/pipeline.h"
#include "face/refusal.h"

namespace touchstone::bio {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPart = 200;  // pictures that are kept together

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void read_pairs(const fs::path& file, FaceSet& set) {
  std::map<std::string, std::size_t> image;
  for (std::size_t i = 0; i < set.images.size(); ++i) image[set.images[i].name] = i;
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  for (int number = 2; std::getline(in, line); ++number) {
    std::istringstream fields(line);
    const std::vector<std::string> words{std::istream_iterator<std::string>(fields), {}};
    if (words.empty()) continue;
    const auto wrong = [&](const std::string& what) { return BadInput(file.string() + ":" + std::to_string(number) + ": " + what); };
    if (words.size() != 3 && words.size() != 4) throw wrong("neither 'name k1 k2' nor 'name1 k1 name2 k2'");
    const auto find = [&](const std::string& person, const std::string& which) {
      const auto found = image.find(person + "_" + std::string(which.size() < 4 ? 4 - which.size() : 0, '0') + which + ".jpg");
      if (found == image.end()) throw wrong("there is no picture " + which + " of " + person + " in images/");
      return found->second;
    };
    const bool genuine = words.size() == 3;
    set.pairs.push_back({find(words[0], words[1]), genuine ? find(words[0], words[2]) : find(words[2], words[3]), genuine});
  }
}

/// The lamp's angle from the front by azimuth and elevation, as a name.
std::string lamp(int azimuth, int elevation) {
  const double away = std::hypot(azimuth, elevation);
  return away <= 20 ? "light within 20 degrees" : away <= 40 ? "light 20 to 40 degrees" : "light beyond 40 degrees";
}

}  // namespace

FaceSet open_faces(const std::string& folder) {
  FaceSet set;
  const bool lfw = fs::exists(fs::path(folder) / "pairs.txt");
  const fs::path pictures = fs::path(folder) / (lfw ? "images" : "png");
  std::error_code error;
  fs::directory_iterator entries(pictures, error);
  if (error) throw BadInput(pictures.string() + ": no folder of pictures: --data takes a set of faces (LFW: pairs.txt and images/; ORL, Yale, Yale B: png/)");
  static const std::regex kLfw(R"((.+)_[0-9]{4}\.jpg)"), kOrl(R"((s[0-9]{2})_[0-9]{2}\.png)"), kYale(R"((subject[0-9]{2})_([a-z]+)\.png)"),
      kYaleB(R"((yaleB[0-9]{2})_P00A([+-][0-9]{3})E([+-][0-9]{2})\.png)");
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename().string();
    std::smatch m;
    const auto is = [&](const std::regex& pattern, const char* set_name) {
      if (!std::regex_match(name, m, pattern)) return false;
      if (!set.name.empty() && set.name != set_name) throw BadInput(pictures.string() + ": holds pictures of " + set.name + " and of " + set_name);
      set.name = set_name;
      return true;
    };
    if (lfw ? !is(kLfw, "lfw") : !(is(kOrl, "orl") || is(kYale, "yale") || is(kYaleB, "yaleb"))) {
      set.notes.push_back(name + " is no picture of a known name: left out");
      continue;
    }
    FaceSet::Image image{entry.path().string(), name, m[1], ""};
    if (set.name == "yale") image.condition = m[2];
    if (set.name == "yaleb") image.condition = lamp(std::atoi(m[2].str().c_str()), std::atoi(m[3].str().c_str()));
    set.images.push_back(std::move(image));
  }
  if (set.images.empty()) throw BadInput(pictures.string() + ": holds no picture of a known name");
  std::sort(set.images.begin(), set.images.end(), [](const auto& p, const auto& q) { return p.name < q.name; });
  if (lfw) read_pairs(fs::path(folder) / "pairs.txt", set);
  if (set.name == "yale") {
    // Copies of one file would count as agreement of two pictures.
    std::map<std::string, std::string> first;
    std::erase_if(set.images, [&](const FaceSet::Image& image) {
      const auto [seen, fresh] = first.try_emplace(bytes_of(image.path), image.name);
      if (!fresh) set.notes.push_back(image.name + " is the same file as " + seen->second + ": left out");
      return !fresh;
    });
  }
  return set;
}

Embedded embed_faces(const FaceSet& set, const std::vector<std::string>& embedders, const Store& store, const std::function<void(std::size_t, std::size_t)>& progress) {
  Embedded out;
  face::use_one_thread();
  std::vector<std::size_t> dimensions;
  std::string key;
  {
    const face::Pipeline probe(embedders);
    for (const auto& e : probe.embedders()) {
      out.of.push_back({e->name(), e->digest(), {}, {}});
      dimensions.push_back(e->dimensions());
      key += e->digest() + "\n";
    }
  }
  std::size_t width = 1;  // a row: 1 or the reason of refusal as a negative number, then the vectors
  for (const std::size_t d : dimensions) width += d;
  const std::size_t parts = (set.images.size() + kPart - 1) / kPart;
  std::vector<std::vector<float>> rows(parts);
  std::map<std::size_t, std::string> failures;
  std::mutex mutex;
  std::size_t next = 0, done = 0;
  std::exception_ptr failed;
  const auto work = [&] {
    try {
      face::Pipeline pipeline(embedders);
      for (;;) {
        std::size_t part;
        {
          const std::lock_guard lock(mutex);
          if (next == parts || failed) return;
          part = next++;
        }
        const std::size_t begin = part * kPart, end = std::min(begin + kPart, set.images.size());
        std::string part_key = "face vectors " + std::to_string(face::kPipelineVersion) + "\n" + key;
        for (std::size_t i = begin; i < end; ++i) part_key += set.images[i].name + " " + digest_of(bytes_of(set.images[i].path)) + "\n";
        auto kept = store.load(part_key);
        std::vector<float> part_rows = kept && kept->size() == (end - begin) * width ? *kept : std::vector<float>();
        if (part_rows.empty()) {
          for (std::size_t i = begin; i < end; ++i) {
            const std::size_t at = part_rows.size();
            try {
              const auto result = pipeline.run(face::read_picture(set.images[i].path), face::Policy::kDatabase);
              part_rows.push_back(1);
              for (const auto& v : result.vectors) part_rows.insert(part_rows.end(), v.begin(), v.end());
            } catch (const face::Refused& error) {
              part_rows.push_back(-1 - static_cast<float>(error.reason));
            }
            part_rows.resize(at + width);
            const std::lock_guard lock(mutex);
            progress(++done, set.images.size());
          }
          store.save(part_key, part_rows);
        } else {
          const std::lock_guard lock(mutex);
          progress(done += end - begin, set.images.size());
        }
        const std::lock_guard lock(mutex);
        rows[part] = std::move(part_rows);
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failed) failed = std::current_exception();
    }
  };
  {
    std::jthread other(work);
    work();
  }
  if (failed) std::rethrow_exception(failed);
  for (std::size_t i = 0; i < set.images.size(); ++i) {
    const float* row = &rows[i / kPart][i % kPart * width];
    if (row[0] < 0) {
      out.failures.push_back(set.images[i].name + ": " + face::to_string(static_cast<face::Reason>(std::lround(-1 - row[0]))));
      continue;
    }
    std::size_t at = 1;
    for (std::size_t e = 0; e < out.of.size(); at += dimensions[e++]) {
      out.of[e].vectors.add(set.images[i].person, set.images[i].name, {row + at, dimensions[e]});
      out.of[e].image.push_back(i);
    }
  }
  return out;
}

Embedded own_vectors(const FaceSet& set, const faces::Embeddings& vectors, const std::string& name) {
  std::map<std::string, std::size_t> row_of;
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    if (!row_of.emplace(vectors.picture[i], i).second) throw BadInput("the labels name the picture " + vectors.picture[i] + " twice");
  }
  Embedded out;
  out.of.push_back({name, "", {}, {}});
  FaceVectors& own = out.of.front();
  for (std::size_t i = 0; i < set.images.size(); ++i) {
    const FaceSet::Image& image = set.images[i];
    const auto row = row_of.find(image.name);
    if (row == row_of.end()) {
      out.failures.push_back(image.name + ": has no vector");
      continue;
    }
    own.vectors.add(image.person, image.name, vectors.of(row->second));
    own.image.push_back(i);
  }
  if (own.image.empty()) throw BadInput("none of the vectors is of a picture of " + set.name + ": the labels are lines `person,picture` with the pictures' file names");
  return out;
}

FaceSet set_of(const faces::Embeddings& vectors, const std::string& name) {
  FaceSet set;
  set.name = name;
  for (std::size_t i = 0; i < vectors.size(); ++i) set.images.push_back({"", vectors.picture[i], vectors.people[vectors.person[i]], ""});
  return set;
}

}  // namespace touchstone::bio
