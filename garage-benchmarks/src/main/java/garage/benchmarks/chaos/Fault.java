package garage.benchmarks.chaos;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What befalls a cluster, in which at most one node of three is affected unless the name says all,
 * or a change of its layout, which is complete before it is over. Clients are at the other nodes.
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
      scene.stage("assign", fresh, "--replace", old);
      scene.apply();
    }

    @Override
    boolean over(Scene scene) {
      return scene.settled(0);
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
  },

  NODE_ADDED("a node more: layout assign", 3) {
    @Override
    void begin(Scene scene) {
      addFourth(scene);
    }

    @Override
    boolean over(Scene scene) {
      return scene.settled(0);
    }
  },

  ADDED_WHILE_ONE_IS_DEAD("a node more, while another is dead", 2) {
    @Override
    void begin(Scene scene) {
      scene.nodes().run("kill", "3");
      addFourth(scene);
    }

    @Override
    boolean over(Scene scene) {
      return scene.settled(0);
    }
  },

  NODE_REMOVED("a node less: layout remove", 4) {
    @Override
    Nodes.Shape shape() {
      return new Nodes.Shape(4, 3, 4);
    }

    @Override
    void begin(Scene scene) {
      scene.stage("remove", scene.nodes().id(4));
      scene.apply();
    }

    @Override
    boolean over(Scene scene) {
      return scene.settled(4);
    }

    @Override
    void end(Scene scene) {
      scene.nodes().run("kill", "4");
      scene.nodes().storing().remove(4);
    }

    @Override
    boolean loadEndsFirst() {
      return true; // clients are at the node that is switched off
    }
  },

  NODE_REPLACED("a dead node replaced: layout assign --replace", 2) {
    @Override
    void begin(Scene scene) {
      Nodes nodes = scene.nodes();
      String dead = nodes.id(3);
      nodes.run("kill", "3");
      int fresh = nodes.add();
      scene.stage("assign", nodes.id(fresh), "--replace", dead);
      scene.apply();
      nodes.storing().remove(3);
      nodes.storing().add(fresh);
    }

    @Override
    boolean over(Scene scene) {
      return scene.settled(0);
    }
  },

  COPIES_RAISED("one copy of everything becomes three", 3) {
    @Override
    Nodes.Shape shape() {
      return new Nodes.Shape(3, 1, 3);
    }

    @Override
    void begin(Scene scene) {
      copies(scene, 3);
    }

    @Override
    boolean over(Scene scene) {
      return scene.settled(0);
    }
  },

  COPIES_LOWERED("three copies of everything become one", 3) {
    @Override
    void begin(Scene scene) {
      copies(scene, 1);
    }

    @Override
    boolean over(Scene scene) {
      return scene.settled(0);
    }
  },

  ZONES("a node moves to another zone, one is alone in its zone then", 4) {
    @Override
    Nodes.Shape shape() {
      return new Nodes.Shape(4, 3, 2);
    }

    @Override
    void begin(Scene scene) {
      scene.stage("assign", "-z", "zone1", scene.nodes().id(4));
      scene.apply();
    }

    @Override
    boolean over(Scene scene) {
      return scene.settled(0);
    }

    @Override
    Set<Integer> holdEverything() {
      return Set.of(2);
    }
  },

  GATEWAY("a gateway more: layout assign -g", 3) {
    @Override
    void begin(Scene scene) {
      Nodes nodes = scene.nodes();
      int fresh = nodes.add();
      scene.stage("assign", "-g", "-z", "zone1", nodes.id(fresh));
      scene.apply();
      nodes.gateways().add(fresh);
    }

    @Override
    boolean over(Scene scene) {
      return scene.settled(0);
    }
  };

  private static void addFourth(Scene scene) {
    int fresh = scene.nodes().add();
    scene.stage("assign", "-z", "zone" + fresh, "-c", "10G", scene.nodes().id(fresh));
    scene.apply();
    scene.nodes().storing().add(fresh);
  }

  private static void copies(Scene scene, int copies) {
    scene.stage("config", "--replication-factor", "" + copies);
    scene.apply();
    scene.nodes().copies(copies);
  }

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

  /** The cluster it befalls, at first. */
  Nodes.Shape shape() {
    return Nodes.Shape.THREE;
  }

  /** Whether it leaves another layout behind, so that the cluster is of no use to the next. */
  boolean changesLayout() {
    return compareTo(NODE_ADDED) >= 0;
  }

  abstract void begin(Scene scene);

  /** Whether it has run its course; asked until it has. */
  boolean over(Scene scene) {
    return true;
  }

  /** Whether clients stop before {@link #end}. */
  boolean loadEndsFirst() {
    return false;
  }

  /** Nodes that have to have everything, where not all nodes have. */
  Set<Integer> holdEverything() {
    return Set.of();
  }

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
