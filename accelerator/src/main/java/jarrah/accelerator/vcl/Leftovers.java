package jarrah.accelerator.vcl;

import jarrah.accelerator.vcl.Vcl.Place;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a program says that sites cannot, each place once. */
final class Leftovers {
    private final Map<String, List<String>> sources;
    private final Map<Place, String> reasons =
            new TreeMap<>(Comparator.comparing(Place::file).thenComparingInt(Place::line));

    /** @param sources the lines of each file that was read */
    Leftovers(Map<String, List<String>> sources) {
        this.sources = sources;
    }

    /** Notes one; the first reason that is given for a line stands. */
    void add(Place place, String reason) {
        reasons.putIfAbsent(place, reason);
    }

    /** In the order of the program. */
    List<VclImport.Left> all() {
        return reasons.entrySet().stream()
                .map(each -> new VclImport.Left(each.getKey().toString(), source(each.getKey()), each.getValue()))
                .toList();
    }

    private String source(Place place) {
        List<String> lines = sources.getOrDefault(place.file(), List.of());
        return place.line() <= lines.size() ? lines.get(place.line() - 1).strip() : "";
    }
}
