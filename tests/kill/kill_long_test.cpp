// Every message of what takes long.
#include "kill/kill_fixture.h"

namespace touchstone::kill_test {
namespace {

class KillMakingLong : public KillMaking {};

TEST_F(KillMakingLong, Generation) { generation(1); }
TEST_F(KillMakingLong, Resharing) { resharing(1); }
TEST_F(KillMakingLong, DklsSetup) { set_up(Job::kSetupDkls, Job::kSignDkls, "ot", 1); }
TEST_F(KillMakingLong, LindellSetup) { set_up(Job::kSetupLindell, Job::kSignLindell, "paillier", 1); }

}  // namespace
}  // namespace touchstone::kill_test
