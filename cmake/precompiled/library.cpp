// Carries the precompiled headers of libraries (cmake/Precompiled.cmake).
namespace vmsecurity {}
