#include "biometrics/whitening.h"

namespace touchstone::biometrics {

const Whitening kWhitening = {
#include "biometrics/data/whitening.inc"
};

}  // namespace touchstone::biometrics
