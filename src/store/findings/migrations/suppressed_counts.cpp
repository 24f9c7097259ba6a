#include "store/findings/migrations/migrations.h"

namespace vmsecurity::store {

// Earlier programs counted suppressed findings. All of them count again, as the counts say, and
// every suppression is to be settled anew, which takes its findings out of the counts. 26: the
// length of ,"suppressedBy":{"id":""}} at the end of a text.
const std::string_view kSuppressedCounts = R"sql(
UPDATE finding_rows SET
    tail = substr(tail, 1, length(tail) - length(suppressed_by) - 26) || '}',
    suppressed_by = NULL
WHERE suppressed_by IS NOT NULL;
UPDATE suppression_states SET revision = 0;
)sql";

}  // namespace vmsecurity::store
