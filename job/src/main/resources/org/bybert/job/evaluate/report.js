(function () {
  'use strict';
  const data = JSON.parse(document.getElementById('data').textContent);
  const metrics = data.metrics || {settings: {}};
  const settings = metrics.settings;
  const unit = data.unit || settings.unit;
  const content = document.getElementById('content');
  const charts = [];
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const printing = matchMedia('print');

  function element(name, options, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(options || {})) {
      if (key === 'text') made.textContent = value;
      else if (value !== null && value !== undefined) made.setAttribute(key, value);
    }
    made.append(...children.filter(child => child !== null && child !== undefined));
    return made;
  }

  const percent = share => share === null || share === undefined || Number.isNaN(share) ? '-' : (100 * share).toFixed(1) + ' %';
  const count = n => n === null || n === undefined ? '-' : Math.round(n).toLocaleString('en-US');
  const share = (part, whole) => whole > 0 ? part / whole : null;

  function table(header, rows, left) {
    const cell = (name, value, i) => element(name, {class: left && left.includes(i) ? 'left' : null, scope: name === 'th' ? 'col' : null},
      value instanceof Node ? value : String(value));
    return element('div', {class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'table: ' + header.filter(Boolean).join(', ')},
      element('table', {},
        element('thead', {}, element('tr', {}, ...header.map((value, i) => cell('th', value, i)))),
        element('tbody', {}, ...rows.map(row => element('tr', {}, ...row.map((value, i) => cell('td', value, i)))))));
  }

  function section(title, text) {
    const made = element('section', {}, element('h2', {text: title}), text ? element('p', {text}) : null);
    content.append(made);
    return made;
  }

  function chart(parent, title, options, tableOf) {
    const place = element('div', {class: 'chart', role: 'img', 'aria-label': title + '; the table below holds the numbers'});
    parent.append(element('figure', {}, element('figcaption', {text: title}), place,
      element('details', {}, element('summary', {text: 'Table'}), tableOf)));
    charts.push({place, options, drawn: null});
  }

  function draw() {
    const isDark = dark.matches && !printing.matches;
    for (const one of charts) {
      if (one.drawn) one.drawn.dispose();
      one.drawn = echarts.init(one.place, isDark ? 'dark' : null);
      one.drawn.setOption(Object.assign({
        animation: false,
        backgroundColor: 'transparent',
        color: ['#2f81f7', '#e08600', '#2da44e', '#a371f7', '#db61a2', '#6e7781'],
        grid: {left: 48, right: 20, top: 36, bottom: 48},
        legend: {top: 0, type: 'scroll'},
        tooltip: {trigger: 'axis', confine: true, renderMode: 'richText', valueFormatter: value => value === null || value === undefined ? '-' : value + ' %'}
      }, one.options));
    }
    document.documentElement.dataset.charts = charts.length;
  }

  const breakdowns = metrics.breakdowns || [];
  const sets = breakdowns.map(breakdown => breakdown.set);
  const rounded = value => value === null ? null : Math.round(1000 * value) / 10;
  const accuracyAxis = {type: 'value', min: 0, max: 100, axisLabel: {formatter: '{value} %'}};

  function groupTable(dimension, keyName) {
    const rows = [];
    for (const breakdown of breakdowns) {
      for (const group of breakdown.by[dimension] || []) {
        rows.push([breakdown.set, group.key, count(group.masked), percent(share(group.correct, group.masked)),
          percent(share(group.correct_bytes, group.bytes)), percent(group.probability)]);
      }
    }
    return table(['set', keyName, unit + 's masked', unit + ' accuracy', 'byte accuracy', 'mean probability'], rows, [1]);
  }

  function keysOf(dimension) {
    const totals = new Map();
    for (const breakdown of breakdowns) {
      for (const group of breakdown.by[dimension] || []) totals.set(group.key, (totals.get(group.key) || 0) + group.masked);
    }
    const keys = [...totals.keys()];
    return keys.every(key => /^\d+$/.test(key))
      ? keys.sort((a, b) => a - b)
      : keys.sort((a, b) => totals.get(b) - totals.get(a) || (a < b ? -1 : 1));
  }

  function bars(parent, dimension, title, keyName, label) {
    const keys = keysOf(dimension);
    if (keys.length === 0) return;
    chart(parent, title, {
      grid: {left: 48, right: 20, top: 36, bottom: /^\d/.test(keys[0]) ? 48 : 72},
      xAxis: {type: 'category', data: keys.map(label || (key => key)), name: /^\d/.test(keys[0]) ? keyName : '', nameLocation: 'middle', nameGap: 30,
        axisLabel: /^\d/.test(keys[0]) ? {hideOverlap: true} : {interval: 0, rotate: keys.length > 4 ? 40 : 0}},
      yAxis: accuracyAxis,
      series: breakdowns.map(breakdown => {
        const byKey = new Map((breakdown.by[dimension] || []).map(group => [group.key, group]));
        return {type: 'bar', name: breakdown.set,
          data: keys.map(key => byKey.has(key) ? rounded(share(byKey.get(key).correct, byKey.get(key).masked)) : null)};
      })
    }, groupTable(dimension, keyName));
  }

  function positions(parent) {
    if (keysOf('position').length === 0) return;
    const limit = settings.cnt_bytes;
    chart(parent, 'Accuracy by position in the text', {
      xAxis: {type: 'value', name: 'byte of the text', nameLocation: 'middle', nameGap: 30, min: 0},
      yAxis: accuracyAxis,
      series: breakdowns.map((breakdown, i) => ({
        type: 'line', name: breakdown.set, symbolSize: 6,
        data: (breakdown.by.position || []).map(group => [Number(group.key) + data.positions / 2, rounded(share(group.correct, group.masked))]),
        markLine: i > 0 || !limit ? undefined : {symbol: 'none', silent: true, label: {formatter: 'training length', position: 'insideEndTop'},
          lineStyle: {type: 'dashed'}, data: [{xAxis: limit}]}
      }))
    }, groupTable('position', 'from byte'));
  }

  function calibration(parent) {
    if (keysOf('probability').length === 0) return;
    chart(parent, 'Does the model know when it is right?', {
      xAxis: {type: 'value', min: 0, max: 100, name: 'mean probability', nameLocation: 'middle', nameGap: 30, axisLabel: {formatter: '{value} %'}},
      yAxis: accuracyAxis,
      series: breakdowns.map((breakdown, i) => ({
        type: 'line', name: breakdown.set, symbolSize: 8,
        data: (breakdown.by.probability || []).map(group => [rounded(group.probability), rounded(share(group.correct, group.masked))]),
        markLine: i > 0 ? undefined : {symbol: 'none', silent: true, label: {show: false}, lineStyle: {type: 'dashed'},
          data: [[{coord: [0, 0]}, {coord: [100, 100]}]]}
      }))
    }, groupTable('probability', 'tenth'));
    parent.append(element('figure', {}, element('figcaption', {text: 'Expected calibration error'}),
      table(['set', 'ECE'], breakdowns.map(breakdown => [breakdown.set, percent(breakdown.calibration_error)]))));
  }

  function headline() {
    const rows = [];
    const interval = accuracy => accuracy && accuracy.ci95 ? accuracy.ci95.map(bound => (100 * bound).toFixed(1)).join('–') : '-';
    const published = metrics.published || {};
    const beside = (set, texts, what) => {
      const figure = published[set + ' ' + texts + ' ' + what];
      return figure ? String(figure.json ?? figure.value ?? figure) + ' %' : '';
    };
    const runs = metrics.sets ? [{seed: settings.seed, sets: metrics.sets}] : metrics.seeds || [];
    const several = runs.length > 1;
    const header = several ? ['set', 'seed', 'texts'] : ['set', 'texts'];
    const known = Object.keys(published).length > 0;
    const columns = values => known ? values : values.filter((value, i) => i !== 4 && i !== 7);
    for (const run of runs) {
      for (const set of run.sets) {
        for (const [texts, results] of [['cnt', set.cnt], ['all', set]]) {
          if (!results) continue;
          const row = several ? [set.set, run.seed, texts] : [set.set, texts];
          rows.push(row.concat(columns([count(results.scored), count(results.units.masked), percent(results.units.accuracy),
            interval(results.units), beside(set.set, texts, unit), percent(results.bytes.accuracy), interval(results.bytes),
            beside(set.set, texts, 'byte'), count(results.failed)])));
        }
      }
    }
    section('Masked-' + unit + ' accuracy', 'cnt: texts within the training length'
      + (settings.cnt_bytes ? ' (' + count(settings.cnt_bytes) + ' bytes)' : '') + '; all: every text that was scored. Intervals are 95 %, by bootstrap over texts.')
      .append(table(header.concat(columns(['examples', unit + 's masked', unit + ' accuracy', '95 % CI', 'published', 'byte accuracy', '95 % CI',
        'published', 'failed'])), rows, [1]));
  }

  function words() {
    const parent = section('Frequent ' + unit + 's and confusions');
    const charts = element('div', {class: 'charts'});
    parent.append(charts);
    for (const breakdown of breakdowns) {
      charts.append(element('figure', {}, element('figcaption', {text: breakdown.set + ': most frequent ' + unit + 's'}),
        table([unit, 'masked', 'accuracy'], breakdown.frequent.map(word => [word.gold, count(word.masked), percent(share(word.correct, word.masked))]))));
      charts.append(element('figure', {}, element('figcaption', {text: breakdown.set + ': most frequent confusions'}),
        table([unit, 'predicted', 'times'], breakdown.confusions.map(pair => [pair.gold, pair.predicted, count(pair.count)]), [1])));
    }
  }

  function filled(example) {
    const text = element('div', {class: 'text', lang: 'ja', tabindex: 0});
    const masked = example.masked_text;
    const wanted = example.spans.reduce((sum, span) => sum + span.end - span.start, 0);
    if (masked.split(data.mask).length - 1 !== wanted) {
      text.append(masked);
      return text;
    }
    let at = 0;
    for (const span of example.spans) {
      const next = masked.indexOf(data.mask, at);
      text.append(masked.slice(at, next), element('span', {class: span.correct ? '' : 'wrong'}, element('span', {class: 'gold', text: span.gold})));
      at = next + data.mask.length * (span.end - span.start);
    }
    text.append(masked.slice(at));
    return text;
  }

  function probabilities(span) {
    const bytes = span.byte_probabilities || [];
    return element('span', {class: 'bytes', role: 'img', 'aria-label': bytes.map(p => p.toFixed(2)).join(', ')},
      ...bytes.map(p => element('span', {style: '--p: ' + p.toFixed(3), title: p.toFixed(3)})));
  }

  function examples() {
    for (const kind of ['worst', 'best']) {
      const own = data.examples.filter(example => example.kind === kind);
      if (own.length === 0) continue;
      const parent = section(kind === 'worst' ? 'Worst examples' : 'Best examples',
        'Underlined ' + unit + 's were masked, all at once. Each box is a byte that was predicted: the fuller, the more probable the model held it.');
      for (const example of own) {
        const right = example.spans.filter(span => span.correct).length;
        parent.append(element('article', {},
          element('header', {text: example.set + ' · ' + example.id + ' · ' + count(example.n_bytes) + ' bytes · ' + right + ' of ' + example.spans.length + ' right'}),
          filled(example),
          element('details', {}, element('summary', {text: 'Gold and predicted'}),
            table(['', 'gold', 'predicted', 'probability', 'bytes'], example.spans.map(span => [
              element('span', {class: span.correct ? 'right-mark' : 'wrong-mark', text: span.correct ? '✓' : '✗', 'aria-label': span.correct ? 'right' : 'wrong'}),
              span.gold, span.predicted, span.probability.toPrecision(2), probabilities(span)]), [1, 2]))));
      }
    }
  }

  function provenance() {
    const list = element('dl');
    const shown = (key, value) => list.append(element('dt', {text: key}), element('dd', {text: typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)}));
    for (const [key, value] of Object.entries(settings)) {
      if (key === 'model_settings') {
        for (const [name, setting] of Object.entries(value)) shown(name, setting.value + ' (' + (setting.origin || '') + ')');
      } else {
        shown(key, value);
      }
    }
    for (const key of ['code_version', 'spark_version', 'java_version', 'executors']) {
      if (metrics[key] !== undefined) shown(key, metrics[key]);
    }
    section('Provenance').append(list);
  }

  function report() {
    document.title = settings.model + ' – byBERT-JP evaluation';
    content.append(element('h1', {text: 'Evaluation of ' + settings.model.replace(/.*[/\\](?=[^/\\])/, '')}),
      element('p', {text: 'Fingerprint ' + settings.model_fingerprint + ', mask rate ' + settings.mask_rate + ', unit ' + unit
        + (settings.model_undecided ? '. The figures depend on a guess: some settings of the model are undecided.' : '')}));
    headline();
    if (sets.length > 0) {
      const parent = element('div', {class: 'charts'});
      section('Where the model is right', 'Share of ' + unit + 's of which every byte is right.').append(parent);
      bars(parent, 'characters', 'Accuracy by length in characters', 'characters', key => Number(key) === data.most_characters ? key + '+' : key);
      bars(parent, 'bytes', 'Accuracy by length in bytes', 'bytes', key => Number(key) === data.most_bytes ? key + '+' : key);
      bars(parent, 'script', 'Accuracy by script', 'script');
      bars(parent, 'part_of_speech', 'Accuracy by part of speech', 'part of speech');
      positions(parent);
      bars(parent, 'masked_share', 'Accuracy by share of the text that is masked', 'per cent of its bytes, from');
      calibration(parent);
      words();
      examples();
    } else {
      content.append(element('p', {text: 'No row could be scored: there is nothing to draw.'}));
    }
    provenance();
  }

  function points(difference) {
    return (difference > 0 ? '+' : '') + (100 * difference).toFixed(1);
  }

  function comparison() {
    document.title = 'byBERT-JP comparison';
    const names = new Map(data.runs.map(run => [run.run, run.model.replace(/.*[/\\](?=[^/\\])/, '') + ' (' + run.run + ')']));
    content.append(element('h1', {text: 'Comparison with ' + names.get(data.runs[0].run)}),
      element('p', {text: 'All runs masked the same ' + unit + 's. Differences are in points, other less first, with 95 % intervals by a paired bootstrap over the examples.'}));
    const interval = one => one.low === null ? '-' : points(one.low) + ' to ' + points(one.high);
    section('Differences').append(table(['set', 'run', unit + 's', 'first', 'other', 'difference', '95 % CI', '', 'bytes', '95 % CI'],
      data.comparisons.map(({run, comparison: one}) => [one.set, names.get(run), count(one.units), percent(one.unit.first), percent(one.unit.other),
        points(one.unit.difference), interval(one.unit), one.unit.verdict, points(one.bytes.difference), interval(one.bytes)]), [1, 7]));
    const parent = element('div', {class: 'charts'});
    section(unit + 's that only one gets right').append(parent);
    for (const {run, comparison: one} of data.comparisons) {
      parent.append(element('figure', {}, element('figcaption', {text: one.set + ': ' + names.get(run)}),
        element('p', {text: 'Only the first: ' + count(one.only_first) + ', only the other: ' + count(one.only_other)}),
        table([unit, 'only first', 'only other'], one.words.map(word => [word.gold, count(word.only_first), count(word.only_other)]))));
    }
    const list = element('dl');
    for (const run of data.runs) list.append(element('dt', {text: run.run}), element('dd', {text: run.model + ', fingerprint ' + run.fingerprint}));
    section('Provenance').append(list);
  }

  if (data.comparisons) comparison(); else report();
  draw();
  dark.addEventListener('change', draw);
  printing.addEventListener('change', draw);
  addEventListener('resize', () => charts.forEach(one => one.drawn.resize()));
})();
