#include "face_command.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "base/system_entropy.h"
#include "curve_host/host_curve.h"
#include "wallet/private_file.h"
#include "wallet/secret_file.h"
#include "wallet_face/bio_program.h"

namespace po = boost::program_options;

namespace touchstone::wallet {
namespace {

/// From here on LFW's people open their records again with three pictures (biometrics/embed/face/README.md).
constexpr std::size_t kGoodEnrolment = 5;
constexpr std::size_t kMaxPictures = 64;  // touchstone-bio's own limit

using Pictures = std::vector<std::string>;

struct Request {
  Command command;
  std::string record, secret_file;
  BioProgram bio;
  Pictures pictures;
};

/// What both verbs are told. Whatever would be written must not be there yet: said before a camera's worth of work, not after.
Request parse(const std::string& verb, const Words& words) {
  Request r{Command("face " + verb), {}, {}, {}, {}};
  r.command.add_account_options(false);
  r.command.options()("record", po::value<std::string>(), "")("bio-program", po::value<std::string>()->default_value(default_bio_program()), "")(
      "picture", po::value<Pictures>(), "");
  r.command.parse(words, "picture", true);
  r.record = r.command.get("record");
  r.secret_file = r.command.get("secret-file");
  r.bio.path = r.command.get("bio-program");
  if (!r.command.has("picture")) stop(kWrongUse, r.command.name() + ": no picture is named");
  r.pictures = r.command.get<Pictures>("picture");
  if (r.pictures.size() > kMaxPictures) stop(kWrongUse, r.command.name() + ": more than " + std::to_string(kMaxPictures) + " pictures");
  // An option of touchstone-bio is no picture.
  for (const std::string& picture : r.pictures) {
    if (picture.starts_with("-")) stop(kWrongUse, r.command.name() + ": '" + picture + "' is no picture; a file of that name is ./" + picture);
  }
  return r;
}

void require_absent(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) stop(kWrongUse, path + ": exists already, and nothing is written over it");
}

void check_file(const std::string& path, Status status) {
  if (!status) stop(kWrongUse, path + ": " + status.error().what);
}

FaceCode code_of(const BioProgram& bio, const Pictures& pictures) {
  auto answer = face_code_of(bio, pictures);
  if (const auto* failure = std::get_if<BioFailure>(&answer)) stop(kWrongUse, failure->why);
  return std::move(std::get<FaceCode>(answer));
}

void print_key(const Wallet& wallet) { std::cout << to_hex(wallet.public_key()) << "\n"; }

/// Stops if a picture is not like the others: a record with a stranger in it would open to a bit of both.
void require_one_person(const BioProgram& bio, const Pictures& pictures) {
  std::vector<FaceCode> codes;
  for (const std::string& picture : pictures) {
    codes.push_back(code_of(bio, {picture}));
    std::cerr << "looked at " << picture << " (" << codes.size() << " of " << pictures.size() << ")\n";
    if (codes.back().vector.components.size() != codes.front().vector.components.size()) stop(kWrongUse, bio.path + " gave vectors of two lengths");
  }
  std::string odd;
  for (std::size_t i = 0; i < codes.size() && codes.size() > 1; ++i) {
    std::vector<const biometrics::FaceVector*> others;
    for (std::size_t j = 0; j < codes.size(); ++j) {
      if (j != i) others.push_back(&codes[j].vector);
    }
    if (biometrics::likeness(codes[i].vector, others) < biometrics::kSamePerson) odd += (odd.empty() ? "" : ", ") + pictures[i];
  }
  if (!odd.empty()) stop(kRefused, odd + ": not like the face on the other pictures. Nothing was written; leave it out, or take it again");
}

int enrol(const Words& words) {
  const Request r = parse("enrol", words);
  Pictures sorted = r.pictures;
  std::sort(sorted.begin(), sorted.end());
  if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
    stop(kWrongUse, *twice + ": named twice; one picture says nothing new about itself");
  require_absent(r.record);
  require_absent(r.secret_file);
  Secret<32> secret, randomness;
  fill_from_system(secret.expose());
  fill_from_system(randomness.expose());
  crypto::HostCurve curve;
  const auto wallet = r.command.wallet_of(secret, curve);
  require_one_person(r.bio, r.pictures);
  const FaceRecord record = take(make_face_record(code_of(r.bio, r.pictures), secret, randomness.expose()));
  check_file(r.record, create_private_file(r.record, record.serialize()));
  // Left alone by an end right here, the record still opens to its face.
  if (const Status written = create_secret_file(r.secret_file, secret); !written) {
    ::unlink(r.record.c_str());
    check_file(r.secret_file, written);
  }
  print_key(*wallet);
  if (r.pictures.size() < kGoodEnrolment)
    std::cerr << "enrolled with " << r.pictures.size() << (r.pictures.size() == 1 ? " picture" : " pictures") << ": with " << kGoodEnrolment
              << " of several moments the face is known again far more often\n";
  return kOk;
}

int recover(const Words& words) {
  const Request r = parse("recover", words);
  require_absent(r.secret_file);
  auto bytes = read_file(r.record, FaceRecord::kMaxBytes);
  if (!bytes) stop(kWrongUse, r.record + ": " + bytes.error().what);
  const auto record = FaceRecord::parse(bytes.value());
  if (!record) stop(kWrongUse, r.record + ": " + record.error().what);
  auto secret = open_face_record(record.value(), code_of(r.bio, r.pictures));
  if (!secret) {
    const Error error = secret.error();
    if (error.code == ErrorCode::kNoMatch)
      stop(kRefused, r.record + ": this face does not open the record" + (r.pictures.size() < 3 ? "; several pictures at once open it more often" : ""));
    stop(error.code == ErrorCode::kBadSignature ? kRefused : kWrongUse, r.record + ": " + error.what);
  }
  crypto::HostCurve curve;
  const auto wallet = r.command.wallet_of(secret.value(), curve);
  check_file(r.secret_file, create_secret_file(r.secret_file, secret.value()));
  print_key(*wallet);
  return kOk;
}

}  // namespace

int run_face(const Words& words) {
  const std::string verb = words.empty() ? "" : words.front();
  const Words rest(words.begin() + (words.empty() ? 0 : 1), words.end());
  if (verb == "enrol") return enrol(rest);
  if (verb == "recover") return recover(rest);
  stop(kWrongUse, "face: enrol or recover, not '" + verb + "'");
}

}  // namespace touchstone::wallet
