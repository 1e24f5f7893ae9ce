# Finds a JDK 25: JAVA_HOME, the java on the path, then the usual places, or those that
# GARAGE_JDK_DIRS names instead. Prints the java to run.
is_java_25() {
  [ -x "$1/bin/java" ] && grep -qs '^JAVA_VERSION="25' "$1/release"
}

find_java_25() {
  local home java
  if [ -n "${JAVA_HOME-}" ] && is_java_25 "$JAVA_HOME"; then
    echo "$JAVA_HOME/bin/java"
    return
  fi
  if java=$(command -v java); then
    home=$(dirname "$(dirname "$(readlink -f "$java")")")
    if is_java_25 "$home"; then
      echo "$home/bin/java"
      return
    fi
  fi
  local places="/usr/lib/jvm/* /opt/java/* /opt/jdk* $HOME/.sdkman/candidates/java/* $HOME/.jdks/*"
  for home in ${GARAGE_JDK_DIRS-$places}; do
    if is_java_25 "$home"; then
      echo "$home/bin/java"
      return
    fi
  done
  echo "Error: no JDK 25 found; install one, or set JAVA_HOME to it" >&2
  return 1
}
