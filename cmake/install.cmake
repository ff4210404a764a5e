# `cmake --install`, in three components, which are the packages that
# package.cmake makes of them:
#
#   library   libgale, for topology programs that are linked to it; libgale_redis
#   devel     headers, the static libgale, a CMake package, a pkg-config file
#   command   the program gale: manuals, completion, units for systemd
#
# A file that is added here is added to tests/install/files as well.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/gale)

install(TARGETS gale gale_static EXPORT gale
    LIBRARY COMPONENT library NAMELINK_COMPONENT devel
    ARCHIVE COMPONENT devel)
install(DIRECTORY include/gale DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    COMPONENT devel FILES_MATCHING PATTERN *.h PATTERN redis.h EXCLUDE)
foreach(section 1 5 7 8)
    file(GLOB manuals CONFIGURE_DEPENDS docs/man/*.${section})
    install(FILES ${manuals} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section}
        COMPONENT command)
endforeach()

install(TARGETS gale_command DESTINATION ${CMAKE_INSTALL_BINDIR}
    COMPONENT command)
if(NOT CMAKE_CROSSCOMPILING)
    install(FILES ${PROJECT_BINARY_DIR}/completion.bash RENAME gale
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        COMPONENT command)
    install(FILES ${PROJECT_BINARY_DIR}/completion.zsh RENAME _gale
        DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions
        COMPONENT command)
endif()

# systemd wants absolute paths: units fit the prefix that was configured.
set(bindir ${CMAKE_INSTALL_FULL_BINDIR})
foreach(daemon nimbus supervisor drpc)
    configure_file(scripts/packaging/gale-${daemon}.service.in
        gale-${daemon}.service @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/gale-${daemon}.service
        DESTINATION lib/systemd/system COMPONENT command)
endforeach()
install(FILES scripts/packaging/storm.yaml
    DESTINATION ${CMAKE_INSTALL_DATADIR}/gale COMPONENT command)
install(PROGRAMS scripts/make-certs
    DESTINATION ${CMAKE_INSTALL_DATADIR}/gale COMPONENT command)

# What is there only if what it needs was: connectors/redis.
if(GALE_REDIS)
    install(TARGETS gale_redis gale_redis_static EXPORT gale
        LIBRARY COMPONENT library NAMELINK_COMPONENT devel
        ARCHIVE COMPONENT devel)
    install(FILES include/gale/redis.h
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/gale COMPONENT devel)
endif()

install(EXPORT gale NAMESPACE gale:: FILE galeTargets.cmake
    DESTINATION ${package_dir} COMPONENT devel)
configure_package_config_file(cmake/galeConfig.cmake.in galeConfig.cmake
    INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(galeConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES
    ${PROJECT_BINARY_DIR}/galeConfig.cmake
    ${PROJECT_BINARY_DIR}/galeConfigVersion.cmake
    DESTINATION ${package_dir} COMPONENT devel)

# Found relative to the file itself, so that the tree may be moved.
file(RELATIVE_PATH pc_to_prefix
    /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/gale.pc.in gale.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/gale.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT devel)
if(GALE_REDIS)
    configure_file(cmake/gale_redis.pc.in gale_redis.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/gale_redis.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT devel)
endif()
