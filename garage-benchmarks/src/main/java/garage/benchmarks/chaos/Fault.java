package garage.benchmarks.chaos;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What befalls a cluster, in which at most one node of three is affected unless the name says all.
 * Clients are at the other nodes.
 */
enum Fault {
  NONE("nothing", 3) {
    @Override
    void begin(Scene scene) {}
  },

  KILL("kill -9 of one node", 2) {
    @Override
    void begin(Scene scene) {
      scene.nodes().run("kill", "3");
    }
  },

  FREEZE("SIGSTOP of one node, then SIGCONT", 2) {
    @Override
    void begin(Scene scene) {
      scene.nodes().run("pause", "3");
    }
  },

  DROP("connections between nodes reset, every second", 3) {
    @Override
    void during(Scene scene) {
      scene.proxies().forEach(TcpProxy::dropAll);
    }

    @Override
    void begin(Scene scene) {}
  },

  HALF_OPEN("connections to one node half open: accepted, and silent", 2) {
    @Override
    void begin(Scene scene) {
      scene.proxies().get(2).swallow(true);
    }

    @Override
    void end(Scene scene) {
      scene.proxies().get(2).swallow(false);
    }
  },

  DATA_WIPED("data directory of one node wiped", 2) {
    @Override
    void begin(Scene scene) {
      scene.nodes().run("kill", "3");
      scene.nodes().run("wipe", "3", "--data");
      scene.nodes().startAlone(3, Map.of());
    }
  },

  META_WIPED("metadata of one node wiped, replaced by one command", 2) {
    @Override
    void begin(Scene scene) {
      Nodes nodes = scene.nodes();
      String old = nodes.id(3);
      nodes.run("kill", "3");
      nodes.run("wipe", "3", "--meta");
      nodes.startAlone(3, Map.of());
      String fresh = nodes.id(3);
      Scene.retry(() -> nodes.garage(1, "layout", "assign", fresh, "--replace", old));
      String shown = nodes.garage(1, "layout", "show");
      nodes.garage(
          1, "layout", "apply", "--version", shown.replaceAll("(?s).*--version (\\d+).*", "$1"));
    }
  },

  BIT_FLIPS("a bit flipped in every tenth block of one node", 3) {
    @Override
    void begin(Scene scene) {
      List<Path> blocks = scene.nodes().blocks(3);
      for (int i = 0; i < blocks.size(); i += 10) {
        flip(blocks.get(i), scene.random().nextDouble(), scene.random().nextInt(8));
      }
      scene.note(blocks.size() + " blocks, " + (blocks.size() + 9) / 10 + " of them damaged");
    }

    @Override
    void end(Scene scene) {
      scene.scrub(3);
    }
  },

  FULL_DISK("data disk of one node full", 2) {
    @Override
    void begin(Scene scene) {
      Path filler = filler(scene);
      try (RandomAccessFile file = new RandomAccessFile(filler.toFile(), "rw")) {
        byte[] chunk = new byte[1 << 20];
        scene.random().nextBytes(chunk);
        while (true) {
          file.write(chunk);
        }
      } catch (IOException e) {
        // it is full
      }
    }

    @Override
    void end(Scene scene) {
      try {
        Files.deleteIfExists(filler(scene));
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }

    private static Path filler(Scene scene) {
      return scene.nodes().files(3).resolve("data/filler");
    }
  },

  ALL_KILLED("kill -9 of all nodes at once", 3) {
    @Override
    void begin(Scene scene) {
      scene.nodes().run("kill", "1", "2", "3");
    }

    @Override
    boolean clientsSeeIt() {
      return true;
    }
  },

  CLOCK("clock of one node one hour ahead", 2) {
    @Override
    void begin(Scene scene) {
      scene.nodes().run("kill", "3");
      scene
          .nodes()
          .startAlone(3, Map.of("LD_PRELOAD", scene.clockShim(), "CHAOS_AHEAD_SECONDS", "3600"));
    }

    @Override
    void end(Scene scene) {
      scene.nodes().run("kill", "3");
    }
  };

  private final String description;
  private final int nodesWithClients;

  Fault(String description, int nodesWithClients) {
    this.description = description;
    this.nodesWithClients = nodesWithClients;
  }

  String description() {
    return description;
  }

  /** The nodes with clients: the first ones. */
  Integer[] clientsAt() {
    return IntStream.rangeClosed(1, nodesWithClients).boxed().toArray(Integer[]::new);
  }

  abstract void begin(Scene scene);

  /** Done every second while it lasts. */
  void during(Scene scene) {}

  /** What takes it away, besides starting and resuming nodes. */
  void end(Scene scene) {}

  /** Whether clients may see errors: no quorum is left. */
  boolean clientsSeeIt() {
    return false;
  }

  private static void flip(Path file, double where, int bit) {
    try (RandomAccessFile block = new RandomAccessFile(file.toFile(), "rw")) {
      long at = (long) (where * block.length());
      block.seek(at);
      int old = block.read();
      block.seek(at);
      block.write(old ^ (1 << bit));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
