// From landmarks to the upright cut-out that an embedder was trained on: the similarity (turn, scale, shift) that brings five points nearest to
// the template, in least squares (Umeyama 1991, two dimensions, no mirroring).
#pragma once

#include <array>
#include <span>

#include "face/picture.h"

namespace touchstone::face {

struct Point {
  double x = 0, y = 0;
};

/// The 68 points of the iBUG 300-W scheme: 0-16 jaw, 17-26 brows, 27-35 nose, 36-47 eyes, 48-67 mouth; left is the picture's left.
using Landmarks = std::array<Point, 68>;

/// p -> (a x - b y + shift_x, b x + a y + shift_y): a = scale cos(turn), b = scale sin(turn).
struct Similarity {
  double a = 1, b = 0, shift_x = 0, shift_y = 0;

  Point operator()(Point p) const { return {a * p.x - b * p.y + shift_x, b * p.x + a * p.y + shift_y}; }
  double scale() const;
  double turn_degrees() const;
};
/// At least two points, not all one. Equal sizes.
Similarity fit_similarity(std::span<const Point> from, std::span<const Point> to);

/// What an embedder wants to see: a square, and where five points stand in it.
struct Template {
  int side_px;
  std::array<Point, 5> points;
  /// Which points of the landmarks stand there.
  std::array<Point, 5> (*points_of)(const Landmarks&);
};
/// Middle of both eyes, tip of the nose, corners of the mouth in 112 px: the usual template of ArcFace (Deng et al. 2019).
const Template& arcface_template();
/// Outer and inner corners of both eyes, base of the nose in 150 px: dlib's mean of five points with a rim of a quarter (King).
const Template& dlib_template();

/// The template's square out of the picture, bilinear, after halving where the face is more than twice as large; black outside.
Picture align(const Picture& picture, const Landmarks& landmarks, const Template& wanted);

}  // namespace touchstone::face
