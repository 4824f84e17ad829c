// `touchstone bio face`: one person's pictures to the vector that the wallet locks, and what is seen in pictures.
#include <algorithm>
#include <cstdio>

#include "bio/bad_input.h"
#include "commands.h"
#include "crypto/sha256.h"
#include "face/models.h"
#include "face/pipeline.h"
#include "face/refusal.h"
#include "face/shipped.h"
#include "face_head/head.h"
#include "face_model/face_model.h"
#include "face_stranger.h"
#include "nets/files.h"
#include "tools/options.h"

namespace touchstone::bio {
namespace {

/// The one the built-in head is of.
constexpr const char* kEmbedder = "b";

/// The pictures among the arguments: at least one, at most 64.
std::vector<std::string> pictures_of(const std::vector<std::string>& arguments) {
  const std::vector<std::string> pictures = tools::Options(arguments).rest();
  if (pictures.empty()) throw tools::UsageError("no picture is named");
  if (pictures.size() > 64) throw tools::UsageError("more than 64 pictures");
  return pictures;
}

/// What the wallet's vectors come from.
struct BuiltIn {
  biometrics::Head head;
  face::Pipeline pipeline;
};
BuiltIn built_in() {
  auto head = biometrics::load_head(biometrics::face_head_file());
  if (!head) throw BadInput(std::string("the built-in head: ") + head.error().what);
  BuiltIn out{std::move(head).value(), face::Pipeline({kEmbedder})};
  if (out.pipeline.embedders().front()->digest() != nets::to_hex(out.head.embedder_digest)) throw BadInput("the built-in head is of another network than embedder " + std::string(kEmbedder));
  return out;
}

/// What the wallet reads (wallet/face/bio_program.h): one line, secret, for a pipe.
int code(const std::vector<std::string>& arguments) {
  const auto names = pictures_of(arguments);
  auto [head, pipeline] = built_in();
  std::vector<std::vector<float>> vectors;
  for (const std::string& name : names) vectors.push_back(pipeline.run(face::open_picture(name), face::Policy::kOwner).vectors.front());
  const std::vector<std::span<const float>> views(vectors.begin(), vectors.end());
  auto vector = head.vector(views);
  if (!vector) throw BadInput(vector.error().what);
  const auto& components = vector.value().components;
  std::string digits = nets::to_hex(Bytes(reinterpret_cast<const std::uint8_t*>(components.data()), components.size()));
  std::printf("{\"version\":1,\"trait\":\"face\",\"embedder\":\"%s\",\"head_sha256\":\"%s\",\"dimensions\":%zu,\"pictures\":%zu,\"vector\":\"", kEmbedder,
              nets::to_hex(biometrics::digest(head)).c_str(), components.size(), names.size());
  std::fwrite(digits.data(), 1, digits.size(), stdout);
  std::puts("\"}");
  wipe(digits.data(), digits.size());
  for (auto& v : vectors) wipe(v.data(), v.size() * sizeof(float));
  return 0;
}

/// Every picture, or every frame of a video, with what was measured or why it was refused; exit 1 where one was.
int check(std::vector<std::string> arguments) {
  const auto any = std::find(arguments.begin(), arguments.end(), "--any");
  const auto policy = any == arguments.end() ? face::Policy::kOwner : face::Policy::kDatabase;
  if (any != arguments.end()) arguments.erase(any);
  face::Pipeline pipeline;
  int refused = 0;
  // What cannot be read or shows no good face is named, and the next one looked at.
  const auto named = [&](const auto& act) {
    try {
      act();
    } catch (const face::Refused& error) {
      ++refused;
      std::printf("%s [%s]\n", error.what(), to_string(error.reason));
    }
  };
  const auto look = [&](const face::Picture& picture) {
    named([&] {
      const face::Quality q = pipeline.run(picture, policy).face.quality;
      std::printf("%s: good: eyes %.0f px apart, sharpness %.0f, brightness %.0f, contrast %.0f, roll %.0f degrees, yaw %.2f, pitch %.2f\n", picture.name.c_str(), q.eye_distance_px,
                  q.sharpness, q.brightness, q.contrast, q.roll_degrees, q.yaw, q.pitch);
    });
  };
  for (const std::string& name : pictures_of(arguments)) {
    named([&] {
      if (!face::is_video(name)) return look(face::open_picture(name));
      face::Frames frames(name);
      while (const auto frame = frames.next()) look(*frame);
    });
  }
  return refused > 0 ? 1 : 0;
}

/// What was fetched, and under which terms.
int models(const std::vector<std::string>& arguments) {
  if (!arguments.empty()) throw tools::UsageError("models takes no arguments");
  for (const face::ModelFile& f : face::model_files()) {
    face::read_model(f.path);
    std::printf("%s: %s %s, %s\n  SHA-256 %s, as fetched\n  %s\n", f.role, f.package, f.version, f.path, f.sha256, f.terms);
  }
  return 0;
}

}  // namespace

int face_main(const std::vector<std::string>& arguments) {
  const std::string what = arguments.empty() ? "" : arguments.front();
  const std::vector<std::string> rest(arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end());
  if (what == "code") return code(rest);
  if (what == "check") return check(rest);
  if (what == "models") return models(rest);
  if (what == "stranger") {
    auto [head, pipeline] = built_in();
    return face_stranger(rest, head, pipeline);
  }
  throw tools::UsageError("code, check, models or stranger, not '" + what + "'");
}

}  // namespace touchstone::bio
