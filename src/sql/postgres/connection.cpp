#include "sql/postgres/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "sql/postgres/row.h"
#include "sql/postgres/row_batch.h"
#include "sql/postgres/types.h"

namespace vmsecurity::sql::postgres {
namespace {

using base::ErrorCode;

// Values in the form in which they are sent; text and blobs are not copied.
class EncodedParameters {
  public:
    explicit EncodedParameters(std::span<const Value> values) {
        parameters_.reserve(values.size());
        types_.reserve(values.size());
        numbers_.resize(values.size());
        for (std::size_t i = 0; i < values.size(); ++i) add(values[i], numbers_[i]);
    }
    std::span<const Oid> types() const { return types_; }
    std::span<const Parameter> parameters() const { return parameters_; }

  private:
    void add(const Value& value, std::string& number) {
        types_.push_back(type_of(value));
        if (std::holds_alternative<std::monostate>(value)) {
            parameters_.push_back({});
        } else if (const auto* text = std::get_if<std::string>(&value)) {
            parameters_.push_back({text->data(), static_cast<int>(text->size())});
        } else if (const auto* blob = std::get_if<Blob>(&value)) {
            parameters_.push_back({blob->bytes.data(), static_cast<int>(blob->bytes.size())});
        } else {
            // Numbers fit the type that type_of() gave them.
            static_cast<void>(append_binary(number, value, types_.back()).has_value());
            parameters_.push_back({number.data(), static_cast<int>(number.size())});
        }
    }

    std::vector<Oid> types_;
    std::vector<Parameter> parameters_;
    std::vector<std::string> numbers_;
};

// PostgreSQL takes values of less than 1 GiB.
base::Result<void> check_sizes(std::span<const Value> values) {
    constexpr std::size_t kLimit = 1'000'000'000;
    for (const Value& value : values) {
        const auto* text = std::get_if<std::string>(&value);
        const auto* blob = std::get_if<Blob>(&value);
        const std::size_t size = text != nullptr   ? text->size()
                                 : blob != nullptr ? blob->bytes.size()
                                                   : 0;
        if (size > kLimit) {
            return base::fail(ErrorCode::kLimitExceeded, "a value is larger than 1 GB");
        }
    }
    return {};
}

std::string cache_key(std::string_view text, std::span<const Oid> types) {
    std::string key;
    key.reserve(text.size() + (4 * types.size()));
    key = text;
    for (const Oid type : types) append_int32(key, static_cast<std::int32_t>(type));
    return key;
}

std::uint64_t rows_changed(PGresult* result) {
    // "SELECT 5" counts rows too, but changed none.
    const std::string_view command = PQcmdStatus(result);
    if (command.starts_with("SELECT") || command.starts_with("FETCH")) return 0;
    const std::string_view count = PQcmdTuples(result);
    std::uint64_t rows = 0;
    std::from_chars(count.data(), count.data() + count.size(), rows);
    return rows;
}

// For statement_timeout, which takes whole milliseconds, 0 being none.
std::int64_t milliseconds_until(Session::Clock::time_point deadline) {
    if (deadline == Session::Clock::time_point::max()) return 0;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - Session::Clock::now());
    return std::clamp<std::int64_t>(left.count(), 1, std::numeric_limits<std::int32_t>::max());
}

class Flag {
  public:
    explicit Flag(bool& flag) : flag_(flag) { flag_ = true; }
    ~Flag() { flag_ = false; }
    Flag(const Flag&) = delete;
    Flag& operator=(const Flag&) = delete;

  private:
    bool& flag_;
};

}  // namespace

PostgresConnection::PostgresConnection(std::unique_ptr<Session> session,
                                       std::size_t statement_cache)
    : session_(std::move(session)), statements_(statement_cache) {}

base::Result<void> PostgresConnection::check_usable() {
    if (visiting_) {
        session_->note_failure(
            {ErrorCode::kInternal, "a visitor of rows used its connection", {}, {}});
    } else if (Clock::now() >= session_->deadline()) {
        session_->note_failure(
            {ErrorCode::kCancelled, "the database statement ran until the deadline", {}, {}});
    }
    if (session_->failure()) return base::fail(*session_->failure());
    return {};
}

base::Result<PostgresConnection::Prepared> PostgresConnection::make_prepared(
    std::string_view text, std::span<const Oid> types) {
    Prepared prepared{.name = fmt::format("s{}", ++next_name_)};
    auto result = session_->prepare(prepared.name, std::string(text), types);
    if (!result) {
        base::Error error = std::move(result).error();
        if (error.code == ErrorCode::kInternal) error.cause += fmt::format(" in: {}", text);
        return base::fail(std::move(error));
    }
    VMSECURITY_ASSIGN(const auto description, session_->describe(prepared.name));
    prepared.binary_results = true;
    const int columns = description ? PQnfields(description.get()) : 0;
    for (int i = 0; i < columns; ++i) {
        if (!reads_binary(PQftype(description.get(), i))) prepared.binary_results = false;
    }
    return prepared;
}

base::Result<PostgresConnection::Prepared*> PostgresConnection::prepare(
    std::string_view text, std::span<const Oid> types) {
    const std::string key = cache_key(text, types);
    if (Prepared* found = statements_.find(key)) return found;
    VMSECURITY_ASSIGN(auto made, make_prepared(text, types));
    auto [prepared, evicted] = statements_.insert(key, std::move(made));
    if (evicted) evicted_.push_back(std::move(evicted->name));
    return prepared;
}

base::Result<void> PostgresConnection::start(std::string_view text, std::span<const Oid> types,
                                             std::span<const Parameter> parameters,
                                             bool row_by_row) {
    VMSECURITY_TRY(check_usable());
    VMSECURITY_ASSIGN(const Prepared* prepared, prepare(text, types));
    return session_->start(prepared->name, parameters, prepared->binary_results, row_by_row);
}

base::Result<std::uint64_t> PostgresConnection::count_changed() {
    auto result = session_->next();
    session_->drain();
    if (!result) return base::fail(std::move(result).error());
    return *result ? rows_changed(result->get()) : 0;
}

base::Result<std::uint64_t> PostgresConnection::execute(std::string_view text,
                                                        std::span<const Value> parameters) {
    VMSECURITY_TRY(check_sizes(parameters));
    const EncodedParameters encoded(parameters);
    VMSECURITY_TRY(start(text, encoded.types(), encoded.parameters(), false));
    return count_changed();
}

base::Result<void> PostgresConnection::query(std::string_view text,
                                             std::span<const Value> parameters,
                                             const Visit& visit) {
    // Row by row: a result of any size takes the memory of one row here.
    VMSECURITY_TRY(check_sizes(parameters));
    const EncodedParameters encoded(parameters);
    VMSECURITY_TRY(start(text, encoded.types(), encoded.parameters(), true));
    const Flag visiting(visiting_);
    bool wanted = true;
    for (;;) {
        auto result = session_->next();
        if (!result) {
            session_->drain();
            return base::fail(std::move(result).error());
        }
        if (!*result) return {};
        const int rows = PQntuples(result->get());
        for (int i = 0; wanted && i < rows; ++i) wanted = visit(PostgresRow(result->get(), i));
    }
}

base::Result<void> PostgresConnection::execute_script(std::string_view text) {
    VMSECURITY_TRY(check_usable());
    return session_->run(std::string(text));
}

base::Result<std::uint64_t> PostgresConnection::insert_rows(
    std::string_view table, std::span<const std::string_view> columns,
    std::span<const std::string_view> types, std::span<const std::vector<Value>> rows,
    std::string_view conflict) {
    std::uint64_t changed = 0;
    VMSECURITY_ASSIGN(RowBatch batch, RowBatch::make(table, columns, types, conflict));
    while (!rows.empty()) {
        VMSECURITY_ASSIGN(const std::size_t taken, batch.fill(rows));
        rows = rows.subspan(taken);
        VMSECURITY_TRY(start(batch.text(), batch.types(), batch.parameters(), false));
        VMSECURITY_ASSIGN(const auto count, count_changed());
        changed += count;
    }
    return changed;
}

base::Result<void> PostgresConnection::notify(std::string_view channel, std::string_view payload) {
    const std::array<Value, 2> parameters{std::string(channel), std::string(payload)};
    return query("SELECT pg_notify($1, $2)", parameters, [](const Row&) { return true; });
}

base::Result<void> PostgresConnection::begin(bool writes, Clock::time_point deadline) {
    session_->clear_failure();
    session_->set_deadline(deadline);
    std::string script;
    for (const std::string& name : std::exchange(evicted_, {})) {
        script += fmt::format("DEALLOCATE {};", name);
    }
    if (!script.empty()) VMSECURITY_TRY(session_->run(script));
    return session_->run(
        fmt::format("BEGIN ISOLATION LEVEL {}; SET LOCAL statement_timeout = {}",
                    writes ? "READ COMMITTED, READ WRITE" : "REPEATABLE READ, READ ONLY",
                    milliseconds_until(deadline)));
}

base::Result<void> PostgresConnection::commit() {
    return session_->run("COMMIT");
}

void PostgresConnection::roll_back() {
    static_cast<void>(session_->run("ROLLBACK").has_value());
}

}  // namespace vmsecurity::sql::postgres
