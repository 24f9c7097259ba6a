// Carries the precompiled headers of test programs (cmake/Precompiled.cmake).
int main() {
    return 0;
}
