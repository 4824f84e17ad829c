/* libsecp256k1 of the npm package secp256k1, for a 32-bit processor: the settings of the package's own binding.gyp,
 * and no memory but the caller's. */
#define ECMULT_GEN_PREC_BITS 4
#define ECMULT_WINDOW_SIZE 2 /* of verification, which is not used */
#define USE_ECMULT_STATIC_PRECOMPUTATION 1
#define USE_ENDOMORPHISM 1
#define USE_EXTERNAL_DEFAULT_CALLBACKS 1
#define USE_FIELD_10X26 1
#define USE_FIELD_INV_BUILTIN 1
#define USE_NUM_NONE 1
#define USE_SCALAR_8X32 1
#define USE_SCALAR_INV_BUILTIN 1
#define ENABLE_MODULE_ECDH 1

#include "src/secp256k1.c"
