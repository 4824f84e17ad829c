#include "image/grey_image.h"

#include <algorithm>

#include "base/check.h"

namespace touchstone {

GreyImage::GreyImage(int width, int height, std::uint8_t fill) : width_px(width), height_px(height) {
  TS_CHECK(width >= 0 && height >= 0, "a picture has no negative size");
  pixels.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), fill);
}

GreyImage crop(const GreyImage& image, int left, int top, int width_px, int height_px, std::uint8_t fill) {
  GreyImage out(width_px, height_px, fill);
  for (int y = 0; y < height_px; ++y) {
    for (int x = 0; x < width_px; ++x) out.at(x, y) = image.at_or(left + x, top + y, fill);
  }
  return out;
}

GreyImage centre_crop(const GreyImage& image, int width_px, int height_px, std::uint8_t fill) {
  return crop(image, (image.width_px - width_px) / 2, (image.height_px - height_px) / 2, width_px, height_px, fill);
}

void paste(GreyImage& image, const GreyImage& part, int left, int top) {
  for (int y = std::max(0, -top); y < part.height_px && top + y < image.height_px; ++y) {
    for (int x = std::max(0, -left); x < part.width_px && left + x < image.width_px; ++x) {
      image.at(left + x, top + y) = part.at(x, y);
    }
  }
}

}  // namespace touchstone
