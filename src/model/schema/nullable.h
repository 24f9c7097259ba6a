#pragma once

#include <memory>
#include <optional>
#include <utility>

// How generated types hold members that need not be there.
namespace vmsecurity::model::schema {

// A member that may be absent, null, or a value.
template <typename T>
class Nullable {
  public:
    Nullable() = default;
    Nullable(T value) : value_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
    static Nullable null() {
        Nullable result;
        result.is_null_ = true;
        return result;
    }

    bool is_absent() const { return !is_null_ && !value_; }
    bool is_null() const { return is_null_; }
    bool has_value() const { return value_.has_value(); }
    explicit operator bool() const { return has_value(); }

    T& emplace() {
        is_null_ = false;
        return value_.emplace();
    }
    // Only if there is a value.
    const T& operator*() const { return *value_; }
    T& operator*() { return *value_; }
    const T* operator->() const { return &*value_; }
    T* operator->() { return &*value_; }

    bool operator==(const Nullable&) const = default;

  private:
    std::optional<T> value_;
    bool is_null_ = false;
};

// An optional member that lives elsewhere, because an object and all that it is related to would
// make each other large. A value: copies copy.
template <typename T>
class Boxed {
  public:
    Boxed() = default;
    Boxed(T value)
        : value_(std::make_unique<T>(std::move(value))) {}  // NOLINT(google-explicit-constructor)
    Boxed(const Boxed& other) : value_(other.value_ ? std::make_unique<T>(*other) : nullptr) {}
    Boxed(Boxed&&) noexcept = default;
    Boxed& operator=(const Boxed& other) { return *this = Boxed(other); }
    Boxed& operator=(Boxed&&) noexcept = default;
    ~Boxed() = default;

    bool has_value() const { return value_ != nullptr; }
    explicit operator bool() const { return has_value(); }
    void reset() { value_.reset(); }

    T& emplace() {
        value_ = std::make_unique<T>();
        return *value_;
    }
    // Only if there is a value.
    const T& operator*() const { return *value_; }
    T& operator*() { return *value_; }
    const T* operator->() const { return value_.get(); }
    T* operator->() { return value_.get(); }

    bool operator==(const Boxed& other) const {
        return has_value() == other.has_value() && (!has_value() || **this == *other);
    }

  private:
    std::unique_ptr<T> value_;
};

}  // namespace vmsecurity::model::schema
