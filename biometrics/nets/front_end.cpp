#include "nets/front_end.h"

#include "base/bytes.h"
#include "ridges/print_analysis.h"

namespace touchstone::nets {
namespace {

static_assert(kPatchSide == biometrics::kPatchSide);

class CardFrontEnd : public FrontEnd {
 public:
  std::vector<FoundMinutia> analyse(const GreyImage& picture) const override {
    const biometrics::ImageView view{picture.pixels, static_cast<std::uint16_t>(picture.width_px), static_cast<std::uint16_t>(picture.height_px)};
    // 64-bit words for the alignment.
    std::vector<std::uint64_t> work((biometrics::PrintAnalysis::work_bytes(picture.width_px, picture.height_px) + 7) / 8);
    const auto analysis = biometrics::PrintAnalysis::analyse(view, {reinterpret_cast<std::uint8_t*>(work.data()), work.size() * sizeof(std::uint64_t)});
    std::vector<FoundMinutia> found;
    if (!analysis) return found;
    for (const biometrics::Minutia& m : analysis->minutiae()) {
      FoundMinutia& f = found.emplace_back();
      f.x_q2 = m.x_q2;
      f.y_q2 = m.y_q2;
      f.direction = m.direction;
      f.quality = m.quality;
      analysis->sample(m, f.patch);
    }
    return found;
  }
};

}  // namespace

const FrontEnd& card_front_end() {
  static const CardFrontEnd front_end;
  return front_end;
}

}  // namespace touchstone::nets
