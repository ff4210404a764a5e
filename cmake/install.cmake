# `cmake --install`: the program gale, headers, libgale, a CMake package and a
# pkg-config file, manuals, completion for shells.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/gale)

install(TARGETS gale gale_static EXPORT gale)
install(DIRECTORY include/gale DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN *.h)
foreach(section 1 5 7 8)
    file(GLOB manuals CONFIGURE_DEPENDS docs/man/*.${section})
    install(FILES ${manuals} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()

install(TARGETS gale_command DESTINATION ${CMAKE_INSTALL_BINDIR})
if(NOT CMAKE_CROSSCOMPILING)
    install(FILES ${PROJECT_BINARY_DIR}/completion.bash RENAME gale
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
    install(FILES ${PROJECT_BINARY_DIR}/completion.zsh RENAME _gale
        DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
endif()

install(EXPORT gale NAMESPACE gale:: FILE galeTargets.cmake
    DESTINATION ${package_dir})
configure_package_config_file(cmake/galeConfig.cmake.in galeConfig.cmake
    INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(galeConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES
    ${PROJECT_BINARY_DIR}/galeConfig.cmake
    ${PROJECT_BINARY_DIR}/galeConfigVersion.cmake
    DESTINATION ${package_dir})

# Found relative to the file itself, so that the tree may be moved.
file(RELATIVE_PATH pc_to_prefix
    /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/gale.pc.in gale.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/gale.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
